-- Admits an id among those that count for a subject's limit, if there is room beside the others.
-- KEYS: admissions
-- ARGV: sentAt, id, replaced, most, keepMs, lifetimeMs, isCounted
-- ARGV: … then ids that count already
-- Answers admitted | full | uncounted | late.

if is_late(sentAt) then
  return { 'late', now }
end
-- Nobody has counted yet: there may be sessions of before there was a limit.
if isCounted == 0 and redis.call('EXISTS', KEYS[1]) == 0 then
  return { 'uncounted', now }
end
for i = 2, #ARGV do
  redis.call('ZADD', KEYS[1], 'NX', now, ARGV[i])
end
local function is_there(one)
  return one ~= '' and redis.call('ZSCORE', KEYS[1], one)
end
local others = redis.call('ZCARD', KEYS[1]) - (is_there(id) and 1 or 0)
if replaced ~= id and is_there(replaced) then
  others = others - 1
end
local is_full = others >= most
if not is_full then
  redis.call('ZADD', KEYS[1], 'GT', now + keepMs, id)
end
redis.call('PEXPIREAT', KEYS[1], now + lifetimeMs, 'NX')
redis.call('PEXPIREAT', KEYS[1], now + lifetimeMs, 'GT')
return { is_full and 'full' or 'admitted', now }
