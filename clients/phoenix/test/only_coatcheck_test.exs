defmodule Coatcheck.OnlyCoatcheckTest do
  @moduledoc """
  The library believes nobody but Coatcheck: whatever else answers at its address, no call of it is done, and none takes a
  refusal for one of the service.
  """
  use ExUnit.Case, async: true
  import CoatcheckTest.Helpers
  alias Coatcheck.{Client, Error}
  alias CoatcheckTest.ScriptedServer

  @html [{"content-type", "text/html"}]
  @session ~s({"id":"9b2f7c1e-5d0a-4e0f-8a54-3f1f0c9d2b71","settings":{},"etag":"1-a","revision":1,"subject":null,) <>
             ~s("createdAt":"2026-01-01T00:00:00Z","expiresAt":"2027-01-01T00:00:00Z"})

  # What proxies, maintenance pages and other services answer.
  defp foreign do
    etag = [{"etag", ~s("1-AAAAAAAA")}]

    [
      {"a maintenance page", ScriptedServer.foreign(200, "<html>Back soon</html>", @html)},
      {"an empty 200", ScriptedServer.foreign(200, "")},
      {"an empty 204", "HTTP/1.1 204 X\r\netag: \"1-AAAAAAAA\"\r\n\r\n"},
      {"foreign JSON", ScriptedServer.foreign(200, ~s({"ok":true}))},
      {"a foreign value", ScriptedServer.foreign(200, ~s({"value":1,"ended":1}))},
      {"a foreign session", ScriptedServer.foreign(200, @session, etag)},
      {"a foreign 201", ScriptedServer.foreign(201, @session, etag)},
      {"a redirect", ScriptedServer.foreign(302, "", [{"location", "/elsewhere"}])},
      {"a foreign 410", ScriptedServer.foreign(410, ~s({"code":"session_gone","detail":"x","status":410}))},
      {"a foreign 404",
       ScriptedServer.foreign(404, ~s({"code":"session_not_found","detail":"x","status":404}))},
      {"another version", ScriptedServer.foreign(200, @session, [{"coatcheck-version", "2"} | etag])},
      {"a status of no call", ScriptedServer.answer(202, ~s({"value":1}), etag)},
      {"a redirect of ours", ScriptedServer.answer(303, @session, etag)},
      {"a session of somebody else", ScriptedServer.answer(200, @session, etag)},
      {"a shape of no call", ScriptedServer.answer(200, ~s({"ok":true}), etag)},
      {"a text of no call", ScriptedServer.answer(200, "7", etag)},
      {"an ETag of no settings", ScriptedServer.answer(201, "", [{"etag", "W/x"}])},
      {"no problem", ScriptedServer.answer(410, ~s({"code":7}))},
      {"a problem of another status", ScriptedServer.answer(410, ~s({"code":"x","detail":"x","status":404}))},
      {"an answer that breaks off",
       ["HTTP/1.1 200 X\r\ncoatcheck-version: 1\r\ncontent-length: 90\r\n\r\n", @session]},
      {"chunks that break off",
       ["HTTP/1.1 200 X\r\ncoatcheck-version: 1\r\ntransfer-encoding: chunked\r\n\r\n", "5\r\n{\"val"]}
    ]
  end

  # The ids are others than that of the foreign session.
  defp calls do
    id = new_id()

    [
      get: &Client.get(id, &1),
      put: &Client.put(id, "a", 1, &1),
      patch: &Client.patch(id, %{"a" => 1}, &1),
      json_patch: &Client.json_patch(id, [%{op: "add", path: "/a", value: 1}], &1),
      delete: &Client.delete(id, "a", &1),
      take: &Client.take(id, "a", &1),
      increment: &Client.increment(id, "a", 1, &1),
      touch: &Client.touch(id, &1),
      end_session: &Client.end_session(id, &1),
      handoff: &Client.handoff(id, &1),
      token: &Client.token(id, &1),
      batch: &Client.batch([id], &1),
      subject_sessions: &Client.subject_sessions("user", &1),
      end_subject: &Client.end_subject("user", &1)
    ]
  end

  test "nothing that others answer is taken for done, or for refused" do
    for {name, answer} <- foreign() do
      url =
        ScriptedServer.start(fn _request, send ->
          send.(answer)
          :close
        end)

      for {call, ask} <- calls() do
        assert {:error, %Error{code: "unreachable", status: nil, plug_status: 503}} =
                 ask.(url: url, attempts: 1, deadline: 1000),
               "#{call} at #{name}"
      end
    end
  end

  test "what moves a session says so with the status of that call" do
    id = new_id()

    for {answer, ask} <- [
          {ScriptedServer.answer(200, @session), &Client.rotate(id, &1)},
          {ScriptedServer.answer(201, ~s({"payload":1,"session":#{@session}})),
           &Client.redeem("code", id, &1)},
          {ScriptedServer.answer(200, ~s({"payload":1,"session":{"id":7}})), &Client.redeem("code", id, &1)}
        ] do
      url = ScriptedServer.start(fn _request, send -> send.(answer) end)
      assert {:error, %Error{code: "unreachable"}} = ask.(url: url, attempts: 1)
    end
  end

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
