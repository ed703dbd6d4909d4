defmodule Coatcheck.UUID do
  @moduledoc """
  Session ids.

      iex> Coatcheck.UUID.valid?(Coatcheck.UUID.random())
      true
  """

  @doc "A random id (version 4), from the system's cryptographic source."
  @spec random() :: String.t()
  def random, do: from_bytes(:crypto.strong_rand_bytes(16), 4)

  @doc """
  The id that belongs to a secret (version 8): the same for the same secret, and of no help in finding it.
  """
  @spec of_secret(binary) :: String.t()
  def of_secret(secret) do
    <<bytes::binary-size(16), _::binary>> = :crypto.hash(:sha256, ["coatcheck session\0", secret])
    from_bytes(bytes, 8)
  end

  @doc "Whether this is an id in the form in which this library writes it."
  @spec valid?(term) :: boolean
  def valid?(id), do: is_binary(id) and id =~ ~r/\A[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}\z/

  defp from_bytes(<<a::48, _::4, b::12, _::2, c::62>>, version) do
    hex = Base.encode16(<<a::48, version::4, b::12, 2::2, c::62>>, case: :lower)
    <<p::binary-8, q::binary-4, r::binary-4, s::binary-4, t::binary-12>> = hex
    Enum.join([p, q, r, s, t], "-")
  end
end
