defmodule Coatcheck.PlugTest do
  # The service is taken away for a moment, so these are not run beside others.
  use ExUnit.Case
  import CoatcheckTest.Helpers
  alias CoatcheckTest.ScriptedServer
  import Plug.Conn
  alias Coatcheck.{Client, Session}

  defp written(settings \\ %{"username" => "henrik"}) do
    id = new_id()
    {:ok, _} = Client.patch(id, settings)
    id
  end

  test "a new visitor gets an id, and empty settings without a call" do
    conn = while_away(fn -> visit() end)
    id = get_session(conn, "coatcheck_session")
    assert Coatcheck.UUID.valid?(id)
    assert conn.assigns.settings == %{}
    assert %Session{id: ^id, away?: false} = conn.assigns.coatcheck
    assert writes_session?(conn)
  end

  test "whoever comes back has the settings, and no cookie is sent" do
    conn = visit(%{"coatcheck_session" => written()})
    assert conn.assigns.settings == %{"username" => "henrik"}
    refute writes_session?(conn)
    refute conn.halted
  end

  test "what the cookie says that is no id is replaced" do
    conn = visit(%{"coatcheck_session" => "../../v1"})
    assert Coatcheck.UUID.valid?(get_session(conn, "coatcheck_session"))
  end

  describe "after a login in another tab" do
    test "the page waits for its cookie, and keeps its hands off it" do
      id = written()
      {:ok, _} = Client.rotate(id, subject: "user-#{id}")
      conn = visit(%{"coatcheck_session" => id})
      assert {200, true} = {conn.status, conn.halted}
      assert get_resp_header(conn, "refresh") == ["1"]
      assert get_resp_header(conn, "cache-control") == ["no-store"]
      refute writes_session?(conn)
      assert get_session(conn, "coatcheck_session") == id
    end

    test "what is no load of a page is told to wait" do
      id = written()
      {:ok, _} = Client.rotate(id)
      options = Coatcheck.Plug.init([])
      post = Coatcheck.Plug.call(request(%{"coatcheck_session" => id}, :post), options)
      assert {409, true, false} = {post.status, post.halted, writes_session?(post)}
      assert get_resp_header(post, "retry-after") == ["1"]
    end

    test "after a bounded time a new session begins" do
      id = written()
      {:ok, _} = Client.rotate(id)
      conn = visit(%{"coatcheck_session" => id}, wait_seconds: 0)
      refute conn.halted
      refute get_session(conn, "coatcheck_session") == id
    end
  end

  test "after a log-out a new session begins, and nothing of the old one is left" do
    for end_it <- [
          &Client.end_session/1,
          &(Client.rotate(&1, subject: "s-" <> &1) && Client.end_subject("s-" <> &1))
        ] do
      id = written()
      end_it.(id)
      conn = visit(%{"coatcheck_session" => id, "user_token" => "x"}, wait_seconds: 0)
      assert %{"coatcheck_session" => new} = session = get_session(conn)
      refute new == id
      refute Map.has_key?(session, "user_token")
      assert conn.assigns.settings == %{}
      assert conn.private.plug_session_info == :renew
    end
  end

  test "an outage is no log-out: what was last known is shown, and the cookie stays" do
    id = written()
    visit(%{"coatcheck_session" => id})
    conn = while_away(fn -> visit(%{"coatcheck_session" => id}) end)
    assert conn.assigns.settings == %{"username" => "henrik"}
    assert conn.assigns.coatcheck.away?
    refute writes_session?(conn)

    unknown = while_away(fn -> visit(%{"coatcheck_session" => written_elsewhere()}) end)
    assert %Session{settings: settings, away?: true} = unknown.assigns.coatcheck
    assert settings == %{}
    refute writes_session?(unknown)
  end

  defp written_elsewhere, do: new_id()

  test "put, take, increment and delete work on a conn" do
    conn = visit()
    assert {:ok, conn} = Coatcheck.put(conn, :theme, "dark")
    assert {:ok, conn} = Coatcheck.put(conn, "notice", "hello")
    assert conn.assigns.settings == %{"theme" => "dark", "notice" => "hello"}
    assert {:ok, "hello", conn} = Coatcheck.take(conn, "notice")
    assert {:error, %{code: "key_not_found"}} = Coatcheck.take(conn, "notice")
    assert {:ok, 1, conn} = Coatcheck.increment(conn, "visits")
    assert {:ok, conn} = Coatcheck.delete(conn, "theme")
    assert conn.assigns.settings == %{"visits" => 1}
    assert {:ok, %Session{settings: %{"visits" => 1}}} = Client.get(conn.assigns.coatcheck.id)
    assert_raise ArgumentError, ~r/plug Coatcheck.Plug/, fn -> Coatcheck.put(request(), "a", 1) end
  end

  test "logging in and out by a form moves and ends the session" do
    id = written()
    conn = visit(%{"coatcheck_session" => id, "_csrf_token" => "known"})
    assert {:ok, conn} = Coatcheck.log_in(conn, "user-" <> id)
    new = get_session(conn, "coatcheck_session")
    refute new == id
    assert conn.assigns.coatcheck.subject == "user-" <> id
    assert conn.assigns.settings == %{"username" => "henrik"}
    assert get_session(conn, "_csrf_token") == nil
    assert conn.private.plug_session_info == :renew

    assert {:ok, conn} = Coatcheck.log_out(conn)
    assert conn.assigns.settings == %{}
    refute get_session(conn, "coatcheck_session") in [id, new]
    assert {:error, %{reason: "deleted"}} = Client.get(new)
    while_away(fn -> assert {:error, %{status: nil}} = Coatcheck.log_out(conn) end)
  end

  describe "the hand-off" do
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

      proxy = ScriptedServer.start(fn _request, send -> send.(ScriptedServer.answer(502, "Bad Gateway")) end)
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
end
