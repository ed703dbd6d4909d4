import CoatcheckTest.Both

both Coatcheck.HandoffTest do
  alias CoatcheckTest.ScriptedServer
  import Plug.Conn
  alias Coatcheck.{Client, Session}

  defp written(settings \\ %{"username" => "henrik"}) do
    id = new_id()
    {:ok, _} = Client.patch(id, settings)
    id
  end

  defp finish(id, code, options \\ []) do
    session = if id, do: %{"coatcheck_session" => id}, else: %{}
    path = "/session/continue?" <> URI.encode_query(code: code)
    Coatcheck.Handoff.call(request(session, :get, path), Coatcheck.Handoff.init(options))
  end

  defp code(id, payload) do
    {:ok, %{code: code}} = Client.handoff(id, subject: "user-" <> id, payload: payload)
    code
  end

  test "puts the new id into the cookie and goes on, once" do
    id = written()
    code = code(id, %{"to" => "/chat?room=1"})
    conn = finish(id, code)
    new = get_session(conn, "coatcheck_session")
    assert {302, ["/chat?room=1"]} = {conn.status, get_resp_header(conn, "location")}
    refute new == id
    assert conn.private.plug_session_info == :renew
    assert get_resp_header(conn, "referrer-policy") == ["no-referrer"]
    assert {:ok, %Session{subject: "user-" <> ^id, settings: %{"username" => "henrik"}}} = Client.get(new)

    again = finish(new, code, else: "/login")
    assert get_resp_header(again, "location") == ["/login"]
    refute writes_session?(again)
  end

  test "logs in nobody who follows somebody else's link" do
    id = written()
    code = code(id, %{"to" => "/chat"})

    for visitor <- [nil, new_id()] do
      conn = finish(visitor, code, else: "/login")
      assert get_resp_header(conn, "location") == ["/login"]
      refute writes_session?(conn)
    end

    assert get_resp_header(finish(id, code), "location") == ["/chat"]
  end

  test "leads to no other site" do
    for to <- ["//evil.example", "https://evil.example", "/\\evil.example", "/a\r\nb: c", 7] do
      id = written()
      assert get_resp_header(finish(id, code(id, %{"to" => to})), "location") == ["/"]
    end
  end

  test "can be tried again after an outage" do
    id = written()
    code = code(id, %{"to" => "/chat"})
    conn = while_away(fn -> finish(id, code) end)
    assert {503, false} = {conn.status, writes_session?(conn)}

    proxy = ScriptedServer.start(fn _request, send -> send.(ScriptedServer.foreign(502, "Bad Gateway")) end)
    conn = while_away(fn -> finish(id, code) end, proxy)
    assert {503, false} = {conn.status, writes_session?(conn)}
    assert get_resp_header(finish(id, code), "location") == ["/chat"]
  end

  test "redeems for a controller" do
    id = written()
    code = code(id, %{"flash" => "Welcome back"})
    conn = visit(%{"coatcheck_session" => id})
    assert {:ok, conn, %{"flash" => "Welcome back"}} = Coatcheck.redeem(conn, code)
    assert conn.assigns.settings == %{"username" => "henrik"}
    assert {:error, %{code: "handoff_gone"}} = Coatcheck.redeem(conn, nil)
  end
end
