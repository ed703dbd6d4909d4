import CoatcheckTest.Both

both Coatcheck.PlugTest do
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

  test "all tabs and the log-out itself come to the same session, whoever is first" do
    id = written()
    cookie = %{"coatcheck_session" => id, "user_token" => "x"}
    conn = visit(cookie)
    {:ok, conn} = Coatcheck.log_out(conn)
    # The tabs hear of it, and are back before the log-out has answered; one of them puts something.
    [first | others] = for _ <- 1..4, do: visit(cookie)
    new = get_session(conn, "coatcheck_session")
    for tab <- [first | others], do: assert(get_session(tab) == %{"coatcheck_session" => new})
    {:ok, _} = Coatcheck.put(first, "cart", 1)
    assert visit(cookie).assigns.settings == %{"cart" => 1}

    # One of them logs in, and so is the next.
    {:ok, _} = Client.rotate(new, subject: "user-" <> new)
    waiting = visit(cookie)
    assert {200, true, false} = {waiting.status, waiting.halted, writes_session?(waiting)}
  end

  test "tabs that come later come to another session, together, and not to that of the log-out" do
    id = new_id()

    # The service, to which this session ended at noon.
    noon = fn date ->
      ScriptedServer.start(fn request, send ->
        ended =
          ~s({"code":"session_gone","detail":"x","status":410,"reason":"revoked","endedAt":"2026-01-01T12:00:00Z"})

        if request.path =~ id,
          do: send.(ScriptedServer.answer(410, ended, [{"date", date}])),
          else: send.(ScriptedServer.problem(404, "session_not_found"))
      end)
    end

    visits = fn url ->
      for _ <- 1..3, uniq: true do
        conn = while_away(fn -> visit(%{"coatcheck_session" => id}, wait_seconds: 0) end, url)
        get_session(conn, "coatcheck_session")
      end
    end

    assert [just_now] = visits.(noon.("Thu, 01 Jan 2026 12:00:09 GMT"))
    # Where the minute ends in between, there are two.
    assert [later | others] = visits.(noon.("Thu, 01 Jan 2026 12:00:10 GMT"))
    assert length(others) < 2
    refute just_now in [id, later]
    # Nobody who knows the id knows what follows on it.
    refute just_now == Coatcheck.UUID.of_secret(id)
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

  test "nothing there is the same for a visitor who never wrote as for one who did" do
    for conn <- [visit(), visit(%{"coatcheck_session" => written(%{"a" => 1})})] do
      assert {:error, %{code: "key_not_found", status: 404}} = Coatcheck.take(conn, "b")
      assert {:ok, ^conn} = Coatcheck.delete(conn, "b")
      assert {:ok, _} = Coatcheck.touch(conn)
      assert {:ok, 1, _} = Coatcheck.increment(conn, "b")
    end

    # And nothing of that has begun a session.
    id = new_id()
    {:error, _} = Client.take(id, "b")
    {:ok, nil} = Client.delete(id, "b")
    {:ok, nil} = Client.touch(id)
    assert {:ok, %{missing: [^id]}} = Client.batch([id])
  end

  test "put, take, increment and delete work on a conn" do
    conn = visit()
    assert {:ok, conn} = Coatcheck.put(conn, :theme, "dark")
    assert {:ok, conn} = Coatcheck.put(conn, "notice", "hello")
    assert conn.assigns.settings == %{"theme" => "dark", "notice" => "hello"}
    assert {:ok, "hello", conn} = Coatcheck.take(conn, "notice")
    assert {:error, %{code: "key_not_found", status: 404}} = Coatcheck.take(conn, "notice")
    assert {:ok, ^conn} = Coatcheck.delete(conn, "notice")
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
end
