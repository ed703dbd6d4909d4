-- Slides the idle clock if that is due, and answers the record as it then is.
-- KEYS: session, expiries
-- ARGV: sentAt, life, gen, member
-- Answers live | late | refused | gone | missing.

if is_late(sentAt) then
  return { 'late', now }
end
local head = redis.call('HMGET', KEYS[1], 'r', 't')
local packed, tombstone = head[1], head[2]
local record = packed and unpack_record(packed) or nil
local refusal = judge(life, gen, record, tombstone)
if refusal then
  return refusal
end
if tombstone then
  return { 'gone', now, tombstone }
end
if not record then
  return { 'missing', now }
end
if touch_is_due(record) then
  record.seen = now
  packed = pack_record(record)
  redis.call('HSET', KEYS[1], 'r', packed)
  set_deadline(KEYS[1], KEYS[2], member, record)
end
return { 'live', now, packed }
