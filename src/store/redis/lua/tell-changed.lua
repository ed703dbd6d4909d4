-- Tells of a change of settings, in the form of ../notices.ts. A version is a record's tag and revision as they are packed.

local MAX_TOLD_BYTES = 1024 -- a reader fetches longer texts itself
local WITH_TEXTS, IN_PART, TIMED = 1, 2, 4

-- `puts` holds fields and texts in turn, `drops` fields; a field is ':' and the key. Encrypted texts are not told.
local function tell_changed(expiries, member, before, after, origin, puts, drops, is_sealed)
  local put_bytes = 0
  for i = 2, #puts, 2 do
    put_bytes = put_bytes + #puts[i]
  end
  local with_texts = not is_sealed and put_bytes <= MAX_TOLD_BYTES
  local told = {
    struct.pack('>c11c11BBc0I2I2', before, after, TIMED + (with_texts and WITH_TEXTS or 0), #origin, origin, #puts / 2, #drops),
  }
  for i = 1, #puts, 2 do
    local key, text = string.sub(puts[i], 2), puts[i + 1]
    told[#told + 1] = with_texts and struct.pack('>I2c0I4c0', #key, key, #text, text) or struct.pack('>I2c0', #key, key)
  end
  for _, field in ipairs(drops) do
    local key = string.sub(field, 2)
    told[#told + 1] = struct.pack('>I2c0', #key, key)
  end
  told[#told + 1] = struct.pack('>I6', now)
  tell(expiries, CHANGED, member, table.concat(told))
end

-- Tells that there are settings which watchers have to read: those that a rotation brought under a new id.
local function tell_moved(expiries, member, after)
  tell(expiries, CHANGED, member, struct.pack('>c11c11BBI2I2I6', string.rep('\0', 11), after, TIMED + IN_PART, 0, 0, 0, now))
end
