-- Which of the commands that the service needs the user may not run. It runs none of them, and touches no key.
-- KEYS: none
-- ARGV: sentAt, copies
-- Answers rights.

local key, other, channel = 'cc:{00}:rights', 'cc:{00}:rights2', 'cc:{00}:c'
local needed = {
  { 'TIME' }, { 'EVALSHA', 'sha', '0' }, { 'HGETALL', key }, { 'HMGET', key, 'f' }, { 'HSET', key, 'f', 'v' }, { 'HSETNX', key, 'f', 'v' },
  { 'HDEL', key, 'f' }, { 'HLEN', key }, { 'GET', key }, { 'SET', key, 'v' }, { 'DEL', key }, { 'EXISTS', key },
  { 'PEXPIREAT', key, '1' }, { 'RENAME', key, other }, { 'ZADD', key, '1', 'm' }, { 'ZREM', key, 'm' },
  { 'ZSCORE', key, 'm' }, { 'ZCARD', key }, { 'ZRANGE', key, '0', '1' }, { 'ZRANDMEMBER', key }, { 'ZSCAN', key, '0' },
  { 'SPUBLISH', channel, 'm' }, { 'SSUBSCRIBE', channel }, { 'SUNSUBSCRIBE', channel },
}
if copies == 1 then
  needed[#needed + 1] = { 'WAIT', '1', '1' }
  needed[#needed + 1] = { 'PEXPIRETIME', key }
end
local missing = {}
if not redis.acl_check_cmd then
  return { 'rights', now, missing }
end
for _, command in ipairs(needed) do
  if not redis.acl_check_cmd(unpack(command)) then
    missing[#missing + 1] = string.lower(command[1])
  end
end
return { 'rights', now, missing }
