defmodule Coatcheck.Feed.EventsTest do
  use ExUnit.Case, async: true
  doctest Coatcheck.Feed.Events
  doctest Coatcheck.Chunks
  doctest Coatcheck.Session
  doctest Coatcheck.UUID
  doctest Coatcheck.JSON
  alias Coatcheck.Feed.Events

  defp all(text), do: Events.new() |> Events.read(text) |> elem(0)

  test "the rules of the WHATWG" do
    assert all("data: a\ndata:b\ndata\n\n") == [%{event: "message", data: "a\nb\n"}]
    assert all("event: x\ndata:  two spaces\n\n") == [%{event: "x", data: " two spaces"}]
    assert all(": comment\n\nevent: lost\n\ndata: y\n\n") == [%{event: "message", data: "y"}]
    assert all("data: never ended\n") == []
    assert all("\uFEFFdata: bom\n\n") == [%{event: "message", data: "bom"}]
    assert all("unknown: x\ndata: a:b\n\n") == [%{event: "message", data: "a:b"}]

    assert all("data: a\rdata: b\r\rdata: c\r\n\r\n") == [
             %{event: "message", data: "a\nb"},
             %{event: "message", data: "c"}
           ]

    assert {[], %Events{retry: 1500}} = Events.read(Events.new(), "retry: 1500\n")
    assert {[], %Events{retry: nil}} = Events.read(Events.new(), "retry: 1s\n")
  end

  test "a stream may be cut anywhere" do
    text =
      "\uFEFFretry: 700\r\n\r\n:\n\nevent: change\r\ndata: {\"ü\":\"漢字\"}\rdata: 2\n\nevent: gap\ndata: {}\r\n\r\n"

    whole = all(text)
    assert [%{event: "change", data: "{\"ü\":\"漢字\"}\n2"}, %{event: "gap", data: "{}"}] = whole

    for at <- 0..byte_size(text), until <- at..min(at + 3, byte_size(text)) do
      <<a::binary-size(at), b::binary-size(until - at), c::binary>> = text

      {events, reader} =
        Enum.reduce([a, b, "", c], {[], Events.new()}, fn piece, {events, reader} ->
          {more, reader} = Events.read(reader, piece)
          {events ++ more, reader}
        end)

      assert events == whole
      assert reader.retry == 700
    end

    bytes = for <<byte <- text>>, do: <<byte>>
    {events, _reader} = Enum.flat_map_reduce(bytes, Events.new(), &Events.read(&2, &1))
    assert events == whole
  end
end
