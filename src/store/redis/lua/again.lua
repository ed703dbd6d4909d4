-- Writes a key once more as it is. WAIT counts what its own connection has written: with this, also what others wrote there.
-- KEYS: the key, or none
-- ARGV: sentAt
-- Answers again.

local at = KEYS[1] and redis.call('PEXPIRETIME', KEYS[1]) or -1
if at > 0 then
  redis.call('PEXPIREAT', KEYS[1], at)
end
return { 'again', now }
