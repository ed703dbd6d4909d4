-- Changes settings, or begins a session, in one step.
-- KEYS: session, expiries, outcome
-- ARGV: sentAt, life, gen, member, create, idle, idleUntilWritten, lifetime, subject, newLife, newGen, newTag, ifMatch, ifNoneMatch,
-- ARGV: options, maxBytes, maxKeys, fingerprint, take, result, origin, expected, set, seal, judged
-- ARGV: … then `expected` times (key, kind, text), `set` times (key, text), and the keys to remove
-- Answers written | late | refused | gone | missing | reused | exists | conflict | mismatch | limit | full | rekeyed | near; see answers.ts.

local LIVE, GONE = 'r', 't'
local CHUNK = 1000 -- how many arguments go to one command: Lua's stack is bounded
local OUTCOME_MS = 60000
local UNWRITTEN = string.rep('\0', 11)

if is_late(sentAt) then
  return { 'late', now }
end

local function option(letter)
  return string.find(options, letter, 1, true) ~= nil
end

-- What the call names, as fields of the hash: what it expects something of, what it sets, what it removes or takes.
local first_set = 2 + 3 * expected
local first_removed = first_set + 2 * set
local fields, removed = { LIVE, GONE }, {}
for i = 2, first_set - 1, 3 do
  fields[#fields + 1] = ':' .. ARGV[i]
end
for i = first_set, first_removed - 1, 2 do
  fields[#fields + 1] = ':' .. ARGV[i]
end
for i = first_removed, #ARGV do
  fields[#fields + 1] = ':' .. ARGV[i]
  removed[#removed + 1] = fields[#fields]
end
if take ~= '' then
  fields[#fields + 1] = ':' .. take
end

-- What is there: the record or the tombstone, and the present text of each key that matters.
local present = {}
if option('p') then
  local all = redis.call('HGETALL', KEYS[1])
  for i = 1, #all, 2 do
    present[all[i]] = all[i + 1]
    if all[i] ~= LIVE then
      removed[#removed + 1] = all[i]
    end
  end
else
  for from = 1, #fields, CHUNK do
    local found = redis.call('HMGET', KEYS[1], unpack(fields, from, math.min(from + CHUNK - 1, #fields)))
    for i, text in ipairs(found) do
      present[fields[from + i - 1]] = text or nil
    end
  end
end
local packed, tombstone = present[LIVE], present[GONE]
local record = packed and unpack_record(packed) or nil

local refusal = judge(life, gen, record, tombstone)
if refusal then
  return refusal
end

if KEYS[3] then
  local kept = redis.call('GET', KEYS[3])
  if kept then
    if not is_repeat(kept, fingerprint) then
      return { 'reused', now }
    end
    return { 'written', now, lives(false, false), string.sub(kept, 17), 1 }
  end
end

if tombstone then
  return { 'gone', now, tombstone }
end
if not record and create == 'never' then
  return { 'missing', now }
end
if record and create == 'must-be-missing' then
  return { 'exists', now }
end

-- Preconditions on the whole settings. A version is the record's tag and revision as they are packed.
local version = record and string.sub(packed, 27, 37) or UNWRITTEN
local written = version ~= UNWRITTEN
local function is_among(versions)
  if versions == '*' then
    return written
  end
  for i = 1, #versions, 11 do
    if string.sub(versions, i, i + 10) == version then
      return true
    end
  end
  return false
end
if (ifMatch ~= '' and not is_among(ifMatch)) or (ifNoneMatch ~= '' and is_among(ifNoneMatch)) then
  return { 'conflict', now, version }
end

if is_rekeyed(record, seal, expected > 0 or set > 0) then
  return { 'rekeyed', now, packed or '' }
end
local is_sealed = (record and record.seal or seal) ~= ''

-- Expectations on single keys. All are compared before anything is done.
local holds = true
for i = 2, first_set - 1, 3 do
  local kind, text = ARGV[i + 1], present[':' .. ARGV[i]]
  if (kind == 'absent' and text) or (kind == 'present' and not text) or (kind == 'text' and text ~= ARGV[i + 2]) then
    holds = false
  end
end
if not holds then
  local found = {}
  for i = 2, first_set - 1, 3 do
    found[#found + 1] = ARGV[i]
    found[#found + 1] = present[':' .. ARGV[i]] or false
  end
  return { 'mismatch', now, found }
end

-- What changes. A key that is also to be set is not removed.
local taken = take ~= '' and present[':' .. take] or ''
local puts, drops = {}, {}
local growth, added = 0, 0
if #removed > 0 then
  local stays = {}
  for i = first_set, first_removed - 1, 2 do
    stays[':' .. ARGV[i]] = true
  end
  for _, field in ipairs(removed) do
    local text = present[field]
    if text and not stays[field] then
      drops[#drops + 1] = field
      growth = growth - (#field - 1) - #text
      present[field] = nil
    end
  end
end
for i = first_set, first_removed - 1, 2 do
  local field, text = ':' .. ARGV[i], ARGV[i + 1]
  local old = present[field]
  if old ~= text then
    puts[#puts + 1] = field
    puts[#puts + 1] = text
    if old then
      growth = growth + #text - #old
    else
      growth = growth + #field - 1 + #text
      added = added + 1
    end
  end
end

local size = (record and record.size or 0) + growth
if is_sealed and #puts > 0 and size > maxBytes and judged ~= version then
  return { 'near', now, redis.call('HGETALL', KEYS[1]) }
end
if not is_sealed and growth > 0 and size > maxBytes then
  return { 'limit', now, 'bytes' }
end
if added > #drops then
  local count = (record and redis.call('HLEN', KEYS[1]) - 1 or 0) + added - #drops
  if count > maxKeys then
    return { 'limit', now, 'keys' }
  end
end

local created = not record
if option('n') and (created or #puts > 0) then
  return { 'full', now }
end

-- From here on it is done.
if created then
  tell_if_expired(KEYS[2], member)
end
local changed = (option('w') and not written) or #puts > 0 or #drops > 0
local began = changed and not written
if created then
  record = {
    flags = 0, life = newLife, gen = newGen, tag = string.rep('\0', 6), revision = 0, created = now, seen = now,
    ends = now + lifetime * 1000, idle = idle, lifetime = lifetime, size = 0,
    bound = option('t') and now or 0, deadlines = '', seal = seal, subject = subject,
  }
end
if created and not began and idleUntilWritten > 0 then
  record.flags = IDLE_UNTIL_WRITTEN
  record.idle = idleUntilWritten
end
local settles = began and not created and record.flags == IDLE_UNTIL_WRITTEN
if settles then
  record.flags = 0
  record.idle = idle
end
-- The shorter idle timeout may have passed already: it counts from this write on.
local slides = settles or (option('u') and not created and touch_is_due(record))
if slides then
  record.seen = now
end
if changed then
  record.revision = record.revision + 1
  record.tag = newTag
  record.size = size
end
if changed or created or slides then
  packed = pack_record(record)
  for from = 1, #drops, CHUNK do
    redis.call('HDEL', KEYS[1], unpack(drops, from, math.min(from + CHUNK - 1, #drops)))
  end
  redis.call('HSET', KEYS[1], LIVE, packed, unpack(puts, 1, math.min(CHUNK, #puts)))
  for from = CHUNK + 1, #puts, CHUNK do
    redis.call('HSET', KEYS[1], unpack(puts, from, math.min(from + CHUNK - 1, #puts)))
  end
end
if created or slides then
  set_deadline(KEYS[1], KEYS[2], member, record)
end
if changed then
  tell_changed(KEYS[2], member, version, string.sub(packed, 27, 37), origin, puts, drops, is_sealed)
end

-- The outcome: version, flags, how many keys were added, id, text taken, result.
taken = named_text(record, take, taken)
local flags = (changed and 1 or 0) + (began and 2 or 0)
local outcome = struct.pack('>c11BI3c16I4', string.sub(packed, 27, 37), flags, added, string.sub(member, -16), #taken)
  .. taken .. result
if KEYS[3] and (changed or created) then
  redis.call('SET', KEYS[3], string.sub(fingerprint, 1, 16) .. outcome, 'PX', OUTCOME_MS)
end
if option('b') then
  return { 'written', now, lives(created, false), outcome, 0, redis.call('HGETALL', KEYS[1]) }
end
return { 'written', now, lives(created, false), outcome, 0 }
