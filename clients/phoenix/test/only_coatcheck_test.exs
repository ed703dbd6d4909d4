defmodule Coatcheck.OnlyCoatcheckTest do
  @moduledoc """
  The library believes nobody but Coatcheck, also where it follows a feed. What each call does with each answer is in
  `clients/behaviours.json`.
  """
  use ExUnit.Case, async: true
  import CoatcheckTest.Helpers
  alias Coatcheck.{Client, Error}
  alias CoatcheckTest.ScriptedServer

  test "a log-out that did not happen is none" do
    id = new_id()
    {:ok, _} = Client.put(id, "a", 1)
    page = ScriptedServer.start(fn _request, send -> send.("HTTP/1.1 204 No Content\r\n\r\n") end)
    conn = visit(%{"coatcheck_session" => id})
    # The configuration of this node is left alone, as other tests run beside.
    assert {:error, %Error{code: "unreachable"}} = Client.end_session(id, url: page, attempts: 1)
    assert {:ok, _conn} = Coatcheck.put(conn, "b", 2)
  end

  test "a feed that is none is not listened to" do
    head = "HTTP/1.1 200 OK\r\ntransfer-encoding: chunked\r\n"

    for more <- [
          "content-type: text/event-stream\r\n",
          "coatcheck-version: 1\r\ncontent-type: text/html\r\n",
          "coatcheck-version: 1\r\n"
        ] do
      url = ScriptedServer.start(fn _request, send -> send.(head <> more <> "\r\n") end)
      config = Coatcheck.Config.read(url: url)

      assert {:error, "what answered is no stream" <> _} =
               Coatcheck.HTTP.stream(config, "/v1/events", [], 1000)
    end
  end
end
