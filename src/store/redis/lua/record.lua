-- The beginning of every script: the time, the packed record of ../../../layout/record.ts, and the judgement of a credential.

-- Times are Redis's, in ms. It stands still while a script runs.
local clock = redis.call('TIME')
local now = tonumber(clock[1]) * 1000 + math.floor(tonumber(clock[2]) / 1000)

-- A script that runs long after it was sent must do nothing: its call was answered 503 by then.
local LATE_MS = 10000
local function is_late(sent_at)
  return now - sent_at > LATE_MS
end

local RECORD = '>BBc12c12c6I5I6I6I6I4I4I3'
local RECORD_BYTES = 66

local IDLE_UNTIL_WRITTEN, ENCRYPTED, HAS_KEY_DEADLINES = 1, 2, 4

-- A seal: the length of a kid (1), the kid, the value-key id (16), two HMACs of 32 bytes. The last is the subject's.
local SEAL_BYTES, KEY_BYTES, MAC_BYTES = 81, 17, 32

-- The part of a seal that names the session's key; '' of no seal.
local function key_of(seal)
  return seal == '' and '' or string.sub(seal, 1, KEY_BYTES + string.byte(seal))
end

-- When it was bound, the deadlines of keys, the seal, the flags without theirs, and where the subject begins. Of version 2 only.
local function unpack_more(packed, flags)
  local bound, at = struct.unpack('>I6', packed, RECORD_BYTES + 1)
  local deadlines, seal = '', ''
  if flags >= HAS_KEY_DEADLINES then
    deadlines, at = struct.unpack('>I3c0', packed, at)
    flags = flags - HAS_KEY_DEADLINES
  end
  if flags >= ENCRYPTED then
    local seal_end = at + SEAL_BYTES + string.byte(packed, at)
    seal, at = string.sub(packed, at, seal_end - 1), seal_end
    flags = flags - ENCRYPTED
  end
  return bound, deadlines, seal, flags, at
end

local function unpack_record(packed)
  local version, flags, life, gen, tag, revision, created, seen, ends, idle, lifetime, size = struct.unpack(RECORD, packed)
  local bound, deadlines, seal, subject_at = 0, '', '', RECORD_BYTES + 1
  if version == 2 then
    bound, deadlines, seal, flags, subject_at = unpack_more(packed, flags)
  elseif version ~= 1 then
    error('a session is stored in layout ' .. version .. ', which this version does not know')
  end
  return {
    flags = flags, life = life, gen = gen, tag = tag, revision = revision, created = created, seen = seen, ends = ends,
    idle = idle, lifetime = lifetime, size = size, bound = bound, deadlines = deadlines, seal = seal,
    subject = string.sub(packed, subject_at),
  }
end

-- In version 1 where that holds all there is, so that the release before can read it.
local function pack_record(r)
  local is_first = r.bound == 0 and r.deadlines == '' and r.seal == ''
  local has_deadlines = r.deadlines ~= ''
  local flags = r.flags + (has_deadlines and HAS_KEY_DEADLINES or 0) + (r.seal ~= '' and ENCRYPTED or 0)
  local head = struct.pack(RECORD, is_first and 1 or 2, flags, r.life, r.gen, r.tag, r.revision, r.created, r.seen, r.ends,
    r.idle, r.lifetime, r.size)
  if is_first then
    return head .. r.subject
  end
  local more = has_deadlines and struct.pack('>I3c0', #r.deadlines, r.deadlines) or ''
  return head .. struct.pack('>I6', r.bound) .. more .. r.seal .. r.subject
end

-- The twin of ../../../layout/clocks.ts.
local function slack(r)
  return math.min(r.idle * 100, 60000)
end

local function touch_is_due(r)
  return now - r.seen >= slack(r)
end

local function deadline(r)
  return math.min(r.ends, r.seen + r.idle * 1000 + slack(r))
end

-- Sets the key's expiry and the session's place among the expiries, both by the one deadline.
local function set_deadline(session, expiries, member, r)
  local at = deadline(r)
  redis.call('PEXPIREAT', session, at)
  redis.call('ZADD', expiries, 2 * at + (at == r.ends and 1 or 0), member)
end

-- Tells of a change in the partition's channel, in the form of ../notices.ts.
local function tell(expiries, kind, member, rest)
  redis.call('SPUBLISH', string.sub(expiries, 1, -2) .. 'c', struct.pack('>BBBc0', 1, kind, #member, member) .. rest)
end

local CHANGED, ENDED, REVOKED = 1, 2, 3
local IDLE, LIFETIME = 4, 5 -- beside the reasons of tombstones

local function tell_ended(expiries, member, reason)
  tell(expiries, ENDED, member, struct.pack('>B', reason))
end

-- How many lives this script has found over by each clock.
local over_by_idle, over_by_lifetime = 0, 0

-- A session that is over by a clock stays among the expiries until a sweep removes it. The script that finds it there tells.
local function tell_if_expired(expiries, member)
  local score = redis.call('ZSCORE', expiries, member)
  if score then
    local is_lifetime = tonumber(score) % 2 == 1
    over_by_idle = over_by_idle + (is_lifetime and 0 or 1)
    over_by_lifetime = over_by_lifetime + (is_lifetime and 1 or 0)
    tell_ended(expiries, member, is_lifetime and LIFETIME or IDLE)
  end
  return score
end

-- What a script did to lives, for its answer: whether it began one, whether it ended one, how many each clock had ended; false
-- where it did nothing to any.
local function lives(begun, ended)
  if not begun and not ended and over_by_idle + over_by_lifetime == 0 then
    return false
  end
  return { begun and 1 or 0, ended and 1 or 0, over_by_idle, over_by_lifetime }
end

-- Whether an outcome was kept of the same call. One fingerprint or more, of 16 bytes; the first is kept.
local function is_repeat(kept, fingerprints)
  for i = 1, #fingerprints, 16 do
    if string.sub(kept, 1, 16) == string.sub(fingerprints, i, i + 15) then
      return true
    end
  end
  return false
end

-- Judges a token's life and generation against what is stored; nil if it may pass. An API key has neither ('').
-- A token of the life that a tombstone ended is answered `gone`, a token of any other life `refused`.
local function judge(life, gen, record, tombstone)
  if life == '' then
    return nil
  end
  if record then
    if record.life ~= life then
      return { 'refused', now, 'life' }
    end
    if record.gen ~= gen then
      return { 'refused', now, 'gen' }
    end
    return nil
  end
  if not tombstone then
    return { 'missing', now }
  end
  if string.sub(tombstone, 9, 20) == life then
    return { 'gone', now, tombstone }
  end
  return { 'refused', now, 'life' }
end
