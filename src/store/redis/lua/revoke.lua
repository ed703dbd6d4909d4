-- Gives a session a new generation: every credential of it so far is refused from now on.
-- KEYS: session, expiries
-- ARGV: sentAt, member, newGen
-- Answers revoked | late | gone | missing.

if is_late(sentAt) then
  return { 'late', now }
end
local head = redis.call('HMGET', KEYS[1], 'r', 't')
if head[2] then
  return { 'gone', now, head[2] }
end
if not head[1] then
  return { 'missing', now }
end
local record = unpack_record(head[1])
record.gen = newGen
redis.call('HSET', KEYS[1], 'r', pack_record(record))
tell(KEYS[2], REVOKED, member, '')
return { 'revoked', now }
