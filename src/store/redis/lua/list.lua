-- Lists an id as one of a subject's sessions.
-- KEYS: list
-- ARGV: sentAt, id, keepMs, lifetimeMs
-- Answers listed | late.

if is_late(sentAt) then
  return { 'late', now }
end
redis.call('ZADD', KEYS[1], 'GT', now + keepMs, id)
-- The list lasts as long as the last of its sessions may.
redis.call('PEXPIREAT', KEYS[1], now + lifetimeMs, 'NX')
redis.call('PEXPIREAT', KEYS[1], now + lifetimeMs, 'GT')
return { 'listed', now }
