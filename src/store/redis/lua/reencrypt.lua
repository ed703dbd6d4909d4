-- Puts another form of the same session in the place of what is stored. Nothing is told: no setting changes.
-- KEYS: session
-- ARGV: sentAt, life, version, seal, newSeal, subject, size
-- ARGV: … then (key, text) of each setting
-- Answers reencrypted | late | changed.

if is_late(sentAt) then
  return { 'late', now }
end
local packed = redis.call('HMGET', KEYS[1], 'r')[1]
local record = packed and unpack_record(packed) or nil
if not record or record.life ~= life or string.sub(packed, 27, 37) ~= version or record.seal ~= seal then
  return { 'changed', now }
end
record.seal = newSeal
record.subject = subject
record.size = size
redis.call('HSET', KEYS[1], 'r', pack_record(record))
for i = 2, #ARGV, 2 do
  redis.call('HSET', KEYS[1], ':' .. ARGV[i], ARGV[i + 1])
end
return { 'reencrypted', now }
