-- Moves a session to another id, binds it, redeems a hand-off: what of these is asked for.
-- KEYS: session, expiries, target, handoff, outcome
-- ARGV: sentAt, member, newMember, expectedLife, subject, boundTo, idle, lifetime, newLife, newGen, options, tombstoneMs, fingerprint,
-- ARGV: result, seal, newSeal
-- Answers rotated | late | refused | gone | missing | taken | other | spent | reused | full | rekeyed.

local OUTCOME_MS = 60000
local ROTATED = 2 -- the tombstone's reason

if is_late(sentAt) then
  return { 'late', now }
end

local function option(letter)
  return string.find(options, letter, 1, true) ~= nil
end
local moves, redeems, repeats = option('m'), option('h'), option('o')

if repeats then
  local kept = redis.call('GET', KEYS[5])
  if kept then
    if not is_repeat(kept, fingerprint) then
      return { 'reused', now }
    end
    return { 'rotated', now, lives(false, false), string.sub(kept, 17), 1 }
  end
end
if redeems and redis.call('EXISTS', KEYS[4]) == 0 then
  return { 'spent', now }
end

local head = redis.call('HMGET', KEYS[1], 'r', 't')
local packed, tombstone = head[1], head[2]
if tombstone then
  return { 'gone', now, tombstone }
end
if not packed and expectedLife ~= '' then
  return { 'missing', now }
end
local record = packed and unpack_record(packed) or nil
if record and expectedLife ~= '' and record.life ~= expectedLife then
  return { 'refused', now, 'life' }
end
if moves then
  local there = redis.call('HMGET', KEYS[3], 'r', 't')
  if there[1] or there[2] then
    return { 'taken', now, there[2] and 'gone' or 'session' }
  end
end
-- The new seal speaks of the old one's key and subject. What is plain gets none here.
local stored_seal = record and record.seal or ''
if stored_seal ~= seal or (record and seal == '' and newSeal ~= '') then
  return { 'rekeyed', now, packed or '' }
end
if option('b') and boundTo ~= (record and record.subject or '') then
  return { 'other', now }
end
if option('n') then
  return { 'full', now }
end

-- From here on it is done.
if not record then
  record = {
    flags = 0, life = newLife, gen = newGen, tag = string.rep('\0', 6), revision = 0, created = now, seen = now,
    ends = now + lifetime * 1000, idle = idle, lifetime = lifetime, size = 0, bound = 0,
    deadlines = '', seal = '', subject = '',
  }
end
local was_live = packed ~= false
local old_life = was_live and record.life or ''
if not packed then
  tell_if_expired(KEYS[2], member)
end
record.seen = now
if option('i') then
  record.idle = idle
  record.flags = 0
end
if option('l') then
  record.lifetime = lifetime
  record.ends = now + lifetime * 1000
end
if option('s') then
  record.subject = subject
  record.bound = option('t') and now or 0
end
if moves then
  tell_if_expired(KEYS[2], newMember)
  record.life = newLife
  record.gen = newGen
  record.created = now
  if packed then
    redis.call('RENAME', KEYS[1], KEYS[3])
  end
  redis.call('HSET', KEYS[1], 't', struct.pack('>BBI6', 1, ROTATED, now) .. old_life)
  redis.call('PEXPIREAT', KEYS[1], now + tombstoneMs)
  redis.call('ZREM', KEYS[2], member)
end
record.seal = newSeal
packed = pack_record(record)
local session = moves and KEYS[3] or KEYS[1]
redis.call('HSET', session, 'r', packed)
set_deadline(session, KEYS[2], moves and newMember or member, record)
if redeems then
  redis.call('DEL', KEYS[4])
end
if moves then
  -- Also for an id that never had a session: a reader who watches it must hear that the visitor has moved on.
  tell_ended(KEYS[2], member, ROTATED)
  if record.revision > 0 then
    tell_moved(KEYS[2], newMember, string.sub(packed, 27, 37))
  end
end

-- The outcome is of the same form as a write's: version, flags, keys added, id, no text taken, result.
local id = string.sub(moves and newMember or member, -16)
local outcome = struct.pack('>c11BI3c16I4', string.sub(packed, 27, 37), 1, 0, id, 0) .. result
if repeats then
  redis.call('SET', KEYS[5], string.sub(fingerprint, 1, 16) .. outcome, 'PX', OUTCOME_MS)
end
return { 'rotated', now, lives(moves or not was_live, moves and was_live), outcome, 0, redis.call('HGETALL', session) }
