defmodule Coatcheck.Feed.Events do
  @moduledoc """
  Server-sent events out of the pieces in which a stream comes, by the rules of the WHATWG (HTML, 9.2.6). A piece may end
  anywhere, also within a line break or a character.

      iex> alias Coatcheck.Feed.Events
      iex> {[], reader} = Events.read(Events.new(), "event: gap\\ndata: {")
      iex> {[event], _reader} = Events.read(reader, "}\\n\\n")
      iex> event
      %{event: "gap", data: "{}"}
  """

  defstruct rest: "", begun?: false, after_cr?: false, event: "", data: [], retry: nil

  @type t :: %__MODULE__{}
  @type event :: %{event: String.t(), data: String.t()}

  @doc "Before the first piece."
  @spec new() :: t
  def new, do: %__MODULE__{}

  @doc "What has come to its end with this piece. `retry` of the reader is the last one told, in ms."
  @spec read(t, binary) :: {[event], t}
  def read(reader, piece) do
    {text, reader} = begin(%{reader | rest: ""}, reader.rest <> piece)
    {events, reader} = lines(reader, text, [])
    {Enum.reverse(events), reader}
  end

  # A byte order mark at the very beginning is none of the text.
  defp begin(%{begun?: true} = reader, text), do: {text, reader}
  defp begin(reader, <<0xEF, 0xBB, 0xBF, text::binary>>), do: {text, %{reader | begun?: true}}
  defp begin(reader, text) when text in ["", <<0xEF>>, <<0xEF, 0xBB>>], do: {"", %{reader | rest: text}}
  defp begin(reader, text), do: {text, %{reader | begun?: true}}

  # The LF of a CRLF of which the CR has ended a line already.
  defp lines(%{after_cr?: true} = reader, "\n" <> text, events),
    do: lines(%{reader | after_cr?: false}, text, events)

  defp lines(%{begun?: false} = reader, "", events), do: {events, reader}
  defp lines(reader, "", events), do: {events, reader}

  defp lines(reader, text, events) do
    reader = %{reader | after_cr?: false}

    case :binary.match(text, ["\r", "\n"]) do
      :nomatch ->
        {events, %{reader | rest: text}}

      {at, 1} ->
        <<line::binary-size(at), break, text::binary>> = text
        {event, reader} = line(%{reader | after_cr?: break == ?\r}, line)
        lines(reader, text, if(event, do: [event | events], else: events))
    end
  end

  defp line(%{data: []} = reader, ""), do: {nil, %{reader | event: ""}}

  defp line(reader, "") do
    name = if reader.event == "", do: "message", else: reader.event
    data = reader.data |> Enum.reverse() |> Enum.join("\n")
    {%{event: name, data: data}, %{reader | event: "", data: []}}
  end

  defp line(reader, ":" <> _comment), do: {nil, reader}

  defp line(reader, line) do
    case String.split(line, ":", parts: 2) do
      [name, " " <> value] -> {nil, field(reader, name, value)}
      [name, value] -> {nil, field(reader, name, value)}
      [name] -> {nil, field(reader, name, "")}
    end
  end

  defp field(reader, "event", value), do: %{reader | event: value}
  defp field(reader, "data", value), do: %{reader | data: [value | reader.data]}

  defp field(reader, "retry", value) do
    if value =~ ~r/\A[0-9]{1,9}\z/, do: %{reader | retry: String.to_integer(value)}, else: reader
  end

  defp field(reader, _other, _value), do: reader
end
