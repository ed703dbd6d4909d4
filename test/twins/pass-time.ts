/**
 * Lets time pass in a Redis without waiting: everything that is stored is moved into the past by as much. This knows the
 * layout that test/store/redis/layout.test.ts pins.
 */
import type { Redis } from 'ioredis'

/** The record as lua/record.lua packs it. Time passes in a full Redis, too, and on a node of a Cluster, which has many slots. */
const SCRIPT = `#!lua flags=allow-oom,allow-cross-slot-keys
local by = tonumber(ARGV[1])
local RECORD = '>BBc12c12c6I5I6I6I6I4I4I3'
local function move_fields(key)
  local packed = redis.call('HGET', key, 'r')
  if packed then
    local v, flags, life, gen, tag, revision, created, seen, ends, idle, lifetime, size = struct.unpack(RECORD, packed)
    local rest = string.sub(packed, 67)
    if v == 2 then
      local bound = struct.unpack('>I6', rest)
      rest = struct.pack('>I6', bound == 0 and 0 or bound - by) .. string.sub(rest, 7)
    end
    redis.call('HSET', key, 'r', struct.pack(RECORD, v, flags, life, gen, tag, revision, created - by, seen - by, ends - by,
      idle, lifetime, size) .. rest)
  end
  local tombstone = redis.call('HGET', key, 't')
  if tombstone then
    local v, reason, at = struct.unpack('>BBI6', tombstone)
    redis.call('HSET', key, 't', struct.pack('>BBI6', v, reason, at - by) .. string.sub(tombstone, 9))
  end
end
for _, key in ipairs(redis.call('KEYS', 'cc:*')) do
  local kind = string.sub(key, 9, 9)
  if kind == 's' then move_fields(key) end
  if kind == 'x' or kind == 'u' or kind == 'a' or kind == 'v' or kind == 'b' then
    local entries = redis.call('ZRANGE', key, 0, -1, 'WITHSCORES')
    for i = 1, #entries, 2 do
      redis.call('ZADD', key, string.format('%.0f', tonumber(entries[i + 1]) - (kind == 'x' and 2 * by or by)), entries[i])
    end
  end
  local expires = redis.call('PEXPIRETIME', key)
  if expires > 0 then redis.call('PEXPIREAT', key, expires - by) end
end`

export const passTime = async (redis: Redis, ms: number): Promise<void> => {
  await redis.eval(SCRIPT, 0, ms)
}
