-- Removes from a partition's expiries the members whose session is over, and tells of each.
-- KEYS: expiries
-- KEYS: … then the session of each member
-- ARGV: sentAt
-- ARGV: … then the members
-- Answers swept | late.

if is_late(sentAt) then
  return { 'late', now }
end
local over = {}
for i = 2, #KEYS do
  if redis.call('EXISTS', KEYS[i]) == 0 and tell_if_expired(KEYS[1], ARGV[i]) then
    over[#over + 1] = ARGV[i]
  end
end
if #over > 0 then
  redis.call('ZREM', KEYS[1], unpack(over))
end
return { 'swept', now, lives(false, false) }
