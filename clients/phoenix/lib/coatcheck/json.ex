defmodule Coatcheck.JSON do
  @moduledoc """
  JSON as the app has it: Jason if it is there, otherwise the `JSON` of Elixir 1.18 and later.

      iex> Coatcheck.JSON.encode!(%{"username" => "henrik"})
      ~S({"username":"henrik"})
  """

  library =
    Enum.find([Jason, JSON], fn library ->
      Code.ensure_loaded?(library) and function_exported?(library, :encode!, 1)
    end)

  if library do
    @doc """
    The text of a value.

    Raises `Coatcheck.Unstorable` where the value is none that JSON can hold: a tuple, a struct without an encoder, a
    binary that is not UTF-8.
    """
    @spec encode!(term) :: String.t()
    def encode!(value) do
      unquote(library).encode!(value)
    rescue
      # Neither the message nor the stack of the library is kept: both may hold the value.
      _error -> raise Coatcheck.Unstorable, "The value cannot be written as JSON."
    end

    @doc "The value of a text."
    @spec decode(binary) :: {:ok, term} | {:error, :invalid}
    def decode(text) do
      case unquote(library).decode(text) do
        {:ok, value} -> {:ok, value}
        {:error, _} -> {:error, :invalid}
      end
    end
  else
    @missing "Coatcheck needs Jason, or Elixir 1.18 or later: add {:jason, \"~> 1.4\"} to the deps of your app."
    @doc false
    @spec encode!(term) :: no_return
    def encode!(_value), do: raise(@missing)
    @doc false
    @spec decode(binary) :: no_return
    def decode(_text), do: raise(@missing)
  end
end

defmodule Coatcheck.Unstorable do
  @moduledoc """
  Raised for a value that JSON cannot hold. The message says where it stands, never what it is.

      try do
        Coatcheck.put(socket, "cart", {:not, :json})
      rescue
        error in Coatcheck.Unstorable -> error.message
      end
  """
  defexception [:message]
end
