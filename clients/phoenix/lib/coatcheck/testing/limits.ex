defmodule Coatcheck.Testing.Limits do
  @moduledoc false

  # What the service takes if nothing else is configured.

  alias Coatcheck.JSON
  alias Coatcheck.Testing.Refusal

  @most_bytes 65_536
  @most_keys 256
  @refused_names ["__proto__", "constructor", "prototype"]

  def check!(settings) do
    {:ok, text} = JSON.encode(settings)
    if byte_size(text) > @most_bytes, do: refuse!(413, "settings_too_large")
    if map_size(settings) > @most_keys, do: refuse!(422, "too_many_keys")
    for key <- Map.keys(settings), byte_size(key) not in 1..128, do: refuse!(422, "key_length")
    if refused_name?(settings), do: refuse!(422, "name_refused")
  end

  defp refused_name?(value) when is_map(value),
    do: Enum.any?(value, fn {key, one} -> key in @refused_names or refused_name?(one) end)

  defp refused_name?(value), do: is_list(value) and Enum.any?(value, &refused_name?/1)

  defp refuse!(status, code), do: raise(Refusal, status: status, code: code)
end
