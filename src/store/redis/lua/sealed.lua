-- What writes heed of sessions that are encrypted: a seal names the session's key, and texts are compared as they are stored.

-- Whether a writer that names this seal knows the session's key. Where it brings no text, that may be any key, but not none. A
-- seal that names only a key begins no session.
local function is_rekeyed(record, seal, brings_texts)
  if not record then
    return seal ~= '' and seal == key_of(seal)
  end
  return key_of(seal) ~= key_of(record.seal) and (seal == '' or brings_texts)
end

-- A text that is to stand by itself, with what it takes to open it.
local function named_text(record, key, text)
  if text == '' or record.seal == '' then
    return text
  end
  return '\255' .. key_of(record.seal) .. struct.pack('>I2c0', #key, key) .. text
end
