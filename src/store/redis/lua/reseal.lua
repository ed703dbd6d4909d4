-- Puts another form of the same secret in the place of what is stored, if that is still there.
-- KEYS: collection
-- ARGV: sentAt, place, old, fresh
-- Answers resealed | late | changed.

if is_late(sentAt) then
  return { 'late', now }
end
if redis.call('HMGET', KEYS[1], place)[1] ~= old then
  return { 'changed', now }
end
redis.call('HSET', KEYS[1], place, fresh)
return { 'resealed', now }
