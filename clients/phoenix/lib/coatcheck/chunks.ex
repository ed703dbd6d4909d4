defmodule Coatcheck.Chunks do
  @moduledoc """
  A body that is sent in chunks (RFC 9112, 7.1), out of the pieces in which it comes, which may end anywhere.

      iex> {"Hel", chunks} = Coatcheck.Chunks.read(Coatcheck.Chunks.new(), "5\\r\\nHel")
      iex> {"lo", chunks} = Coatcheck.Chunks.read(chunks, "lo\\r\\n0\\r\\n\\r\\n")
      iex> Coatcheck.Chunks.over?(chunks)
      true
  """

  # What comes next: the line of a size, so many bytes, the end of a chunk, the lines after the last one, or nothing.
  defstruct next: :size, rest: ""

  @type t :: %__MODULE__{next: :size | non_neg_integer | :end | :trailer | :over | :fault, rest: binary}

  @doc "Before the first piece."
  @spec new() :: t
  def new, do: %__MODULE__{}

  @doc "Whether the body has come to its end."
  @spec over?(t) :: boolean
  def over?(%__MODULE__{next: next}), do: next == :over

  @doc "Whether what came was no body in chunks."
  @spec fault?(t) :: boolean
  def fault?(%__MODULE__{next: next}), do: next == :fault

  @doc "What this piece holds of the body."
  @spec read(t, binary) :: {binary, t}
  def read(chunks, piece) do
    {parts, chunks} = step(chunks.next, chunks.rest <> piece, [])
    {parts |> Enum.reverse() |> IO.iodata_to_binary(), chunks}
  end

  defp step(left, text, parts) when is_integer(left) do
    case text do
      <<part::binary-size(left), rest::binary>> -> step(:end, rest, [part | parts])
      "" -> {parts, %__MODULE__{next: left}}
      part -> {[part | parts], %__MODULE__{next: left - byte_size(part)}}
    end
  end

  defp step(next, text, parts) when next in [:over, :fault], do: {parts, %__MODULE__{next: next, rest: text}}

  defp step(next, text, parts) do
    case String.split(text, "\r\n", parts: 2) do
      [line, rest] -> line(next, line, rest, parts)
      [unfinished] when byte_size(unfinished) < 8192 -> {parts, %__MODULE__{next: next, rest: unfinished}}
      _endless -> {parts, %__MODULE__{next: :fault}}
    end
  end

  defp line(:end, "", rest, parts), do: step(:size, rest, parts)
  defp line(:trailer, "", rest, parts), do: step(:over, rest, parts)
  defp line(:trailer, _field, rest, parts), do: step(:trailer, rest, parts)

  defp line(:size, line, rest, parts) do
    case Integer.parse(line, 16) do
      {0, _extension} -> step(:trailer, rest, parts)
      {size, _extension} when size > 0 -> step(size, rest, parts)
      _ -> step(:fault, rest, parts)
    end
  end

  defp line(_next, _line, rest, parts), do: step(:fault, rest, parts)
end
