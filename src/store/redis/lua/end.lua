-- Ends a session and leaves a tombstone; an API key ends an id that is missing, too.
-- KEYS: session, expiries
-- ARGV: sentAt, life, gen, member, reason, tombstoneMs, subject, subjectMac
-- Answers ended | late | refused | gone | missing | other.

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
if subject ~= '' and record then
  local is_theirs = record.subject == subject
  if record.seal ~= '' then
    is_theirs = string.sub(record.seal, -MAC_BYTES) == subjectMac
  end
  if not is_theirs then
    return { 'other', now }
  end
end
redis.call('DEL', KEYS[1])
redis.call('HSET', KEYS[1], 't', struct.pack('>BBI6', 1, reason, now) .. (record and record.life or ''))
redis.call('PEXPIREAT', KEYS[1], now + tombstoneMs)
if not record then
  tell_if_expired(KEYS[2], member)
end
-- Also for an id that never had a session: a reader who watches it must hear that no session can begin here now.
tell_ended(KEYS[2], member, reason)
redis.call('ZREM', KEYS[2], member)
return { 'ended', now, lives(false, record) }
