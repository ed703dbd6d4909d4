defmodule Coatcheck.JSON do
  @moduledoc """
  JSON as the app has it: Jason if it is there, otherwise the `JSON` of Elixir 1.18 and later.

      iex> Coatcheck.JSON.encode(%{"username" => "henrik"})
      {:ok, ~S({"username":"henrik"})}
  """

  library =
    Enum.find([Jason, JSON], fn library ->
      Code.ensure_loaded?(library) and function_exported?(library, :encode!, 1)
    end)

  if library do
    @doc """
    The text of a value, or `:error` where the value is none that JSON can hold: a tuple, a struct without an encoder, a
    binary that is not UTF-8.
    """
    @spec encode(term) :: {:ok, String.t()} | :error
    def encode(value) do
      {:ok, unquote(library).encode!(value)}
    rescue
      # Neither the message nor the stack of the library is kept: both may hold the value.
      _error -> :error
    end

    @doc "The value of a text."
    @spec decode(binary) :: {:ok, term} | :error
    def decode(text) do
      with {:error, _} <- unquote(library).decode(text), do: :error
    end

    @doc "The value as it comes back from the service: an atom or a date is a string then."
    @spec through(term) :: {:ok, term} | :error
    def through(value) do
      with {:ok, text} <- encode(value), do: decode(text)
    end
  else
    @missing "Coatcheck needs Jason, or Elixir 1.18 or later: add {:jason, \"~> 1.4\"} to the deps of your app."
    @doc false
    @spec encode(term) :: no_return
    def encode(_value), do: raise(@missing)
    @doc false
    @spec decode(binary) :: no_return
    def decode(_text), do: raise(@missing)
    @doc false
    @spec through(term) :: no_return
    def through(_value), do: raise(@missing)
  end
end
