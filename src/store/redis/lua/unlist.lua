-- Removes ids from a subject's list, but for those that have to be kept.
-- KEYS: list
-- ARGV: sentAt
-- ARGV: … then the ids
-- Answers unlisted | late.

if is_late(sentAt) then
  return { 'late', now }
end
for i = 2, #ARGV do
  local keep_until = redis.call('ZSCORE', KEYS[1], ARGV[i])
  if keep_until and tonumber(keep_until) <= now then
    redis.call('ZREM', KEYS[1], ARGV[i])
  end
end
return { 'unlisted', now }
