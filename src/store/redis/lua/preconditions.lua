-- Preconditions on the whole settings. A version is the record's tag and revision as they are packed.

local UNWRITTEN = string.rep('\0', 11)

-- Whether a version is one of those that a call names; `*` asks whether the settings were ever written.
local function is_among(versions, version)
  if versions == '*' then
    return version ~= UNWRITTEN
  end
  for i = 1, #versions, 11 do
    if string.sub(versions, i, i + 10) == version then
      return true
    end
  end
  return false
end
