import CoatcheckTest.Both

both Coatcheck.LiveViewTest do
  alias Coatcheck.{Client, Session}
  alias CoatcheckTest.ScriptedServer

  defp settings(socket), do: socket.assigns.settings
  defp location(%{redirected: {:redirect, %{to: to}}}), do: to

  test "the first render has the settings of the plug, without a call" do
    id = new_id()
    {:ok, _} = Client.put(id, "username", "henrik")
    conn = visit(%{"coatcheck_session" => id})
    session = %{"coatcheck_session" => id}
    dead = view(connected: false, conn: conn)
    {:cont, socket} = while_away(fn -> Coatcheck.LiveView.on_mount(:default, %{}, session, dead) end)
    assert settings(socket) == %{"username" => "henrik"}
  end

  test "a view without the plug or without the session is told what is missing" do
    assert_raise ArgumentError, ~r/Coatcheck.Plug/, fn ->
      Coatcheck.LiveView.on_mount(:default, %{}, %{}, view())
    end

    assert_raise ArgumentError, ~r/Coatcheck.Plug/, fn ->
      Coatcheck.LiveView.on_mount(:default, %{}, %{"coatcheck_session" => new_id()}, view(connected: false))
    end
  end

  test "a view reads when it mounts, and follows what others write" do
    id = new_id()
    {:ok, _} = Client.put(id, "username", "henrik")
    socket = mount(id)
    assert settings(socket) == %{"username" => "henrik"}
    {:ok, _} = Client.patch(id, %{"theme" => "dark", "username" => nil})
    socket = hear_until(socket, &Map.has_key?(settings(&1), "theme"))
    assert settings(socket) == %{"theme" => "dark"}
  end

  test "two views of a session follow each other, and writes that cross end the same in both" do
    id = new_id()
    other = Task.async(fn -> follow(mount(id), self_done("last")) end)
    socket = mount(id)
    {:ok, socket} = Coatcheck.put(socket, "a", 1)
    assert settings(socket) == %{"a" => 1}
    {:ok, _} = Client.put(id, "a", 2)
    {:ok, socket} = Coatcheck.put(socket, "a", 3)
    {:ok, socket} = Coatcheck.put(socket, "last", true)
    socket = hear_until(socket, &(&1.assigns.coatcheck.revision >= 4))
    {:ok, %Session{settings: there}} = Client.get(id)
    assert settings(socket) == there
    assert Task.await(other) == there
  end

  test "a view that has missed a change, or holds what the store has lost, reads again" do
    id = new_id()
    {:ok, _} = Client.put(id, "a", 1)
    socket = mount(id)
    {:ok, _} = Client.put(id, "b", 2)
    assert_receive {Coatcheck, ^id, {:change, %{revision: 2}}}, 5000
    {:ok, _} = Client.put(id, "c", 3)
    socket = hear_until(socket, &Map.has_key?(settings(&1), "c"))
    assert settings(socket) == %{"a" => 1, "b" => 2, "c" => 3}

    {:ok, now} = Client.get(id)
    lost = Coatcheck.Follow.begin(%{now | revision: 9, settings: %{"lost" => true}})
    send(self(), {Coatcheck, id, {:snapshot, now}})
    socket = socket |> Coatcheck.Holder.hold(lost) |> hear_until(&(not Map.has_key?(settings(&1), "lost")))
    assert settings(socket) == now.settings
  end

  defp self_done(key), do: &Map.has_key?(settings(&1), key)
  defp follow(socket, done?), do: socket |> hear_until(done?) |> settings()

  test "a view that wants to hear of changes hears of those of others, not of its own" do
    id = new_id()
    socket = mount(id, how: :notify)
    {:ok, socket} = Coatcheck.put(socket, "mine", 1)
    assert {:halt, socket} = hear(socket)
    {:ok, _} = Client.put(id, "theirs", 1)
    assert {:cont, socket} = hear(socket)
    assert settings(socket) == %{"mine" => 1, "theirs" => 1}

    {:ok, _} = Client.put(id, "more", 1)
    assert {:halt, _} = hear(mount(id) |> tap(fn _ -> Client.put(id, "even more", 1) end))
  end

  test "messages that are none of ours go on to the view" do
    socket = mount(new_id())
    assert {:cont, ^socket} = Phoenix.LiveView.Lifecycle.handle_info(:tick, socket)
    other = {Coatcheck, new_id(), {:ended, "deleted"}}
    assert {:cont, ^socket} = Phoenix.LiveView.Lifecycle.handle_info(other, socket)
  end

  test "a login goes over the HTTP side, by a code that only this visitor can redeem" do
    id = new_id()
    {:ok, socket} = Coatcheck.put(mount(id), "a", 1)

    assert {:ok, sent} =
             Coatcheck.handoff(socket, subject: "user-" <> id, to: "/chat", payload: %{"flash" => "Hello"})

    assert "/session/continue?code=" <> code = location(sent)

    assert {:ok,
            %{payload: %{"to" => "/chat", "flash" => "Hello"}, session: %Session{subject: "user-" <> ^id}}} =
             Client.redeem(URI.decode_www_form(code), id)
  end

  test "what is put is shown as it comes back, and what cannot be kept is an error" do
    id = new_id()
    {:ok, socket} = Coatcheck.put(mount(id), :theme, :dark)
    assert settings(socket) == %{"theme" => "dark"}
    {:ok, socket} = Coatcheck.patch(socket, %{theme: nil, cart: %{a: [:b]}})
    assert settings(socket) == %{"cart" => %{"a" => ["b"]}}
    {:ok, socket} = Coatcheck.patch(socket, %{cart: %{c: 1}})
    assert settings(socket) == %{"cart" => %{"a" => ["b"], "c" => 1}}
    {:ok, %Session{settings: there}} = Client.get(id)
    assert settings(socket) == there

    for refused <- [
          Coatcheck.put(socket, "a", {:no, :json}),
          Coatcheck.patch(socket, %{"a" => self()}),
          Coatcheck.handoff(socket, payload: %{"a" => self()})
        ] do
      assert {:error, %{code: "unstorable"}} = refused
    end
  end

  test "a view never waits for a service that does not answer" do
    id = new_id()
    {:ok, _} = Client.put(id, "a", 1)
    socket = mount(id)
    frozen = ScriptedServer.start(fn _request, _send -> Process.sleep(:infinity) end)

    while_away(
      fn ->
        # It reads, and is asked for something else meanwhile.
        send(self(), {Coatcheck, id, :missing})
        {time, {:halt, socket}} = :timer.tc(fn -> hear(socket) end)
        assert time < 900_000
        {time, _} = :timer.tc(fn -> event(socket) end)
        assert time < 900_000

        # The page has waited for it once. Its views do not wait again.
        visit(%{"coatcheck_session" => id}, deadline: 100)
        {time, socket} = :timer.tc(fn -> mount(id) end)
        assert time < 900_000
        assert socket.assigns.coatcheck.away?
        assert settings(socket) == %{"a" => 1}
      end,
      frozen
    )
  end

  test "logs out, touches" do
    id = new_id()
    {:ok, socket} = Coatcheck.put(mount(id), "a", 1)
    {:ok, socket} = Coatcheck.touch(socket)
    assert {:ok, %Session{expires_at: expires_at}} = Client.get(id)
    assert socket.assigns.coatcheck.expires_at == expires_at
    assert settings(socket) == %{"a" => 1}
    {:ok, _} = Coatcheck.touch(mount(new_id()))

    assert {:ok, out} = Coatcheck.log_out(socket, to: "/bye")
    assert location(out) == "/bye"
    assert {:error, %{reason: "deleted"}} = Client.get(id)
    assert {:error, %{code: "session_gone"}} = Coatcheck.put(socket, "a", 2)
  end

  test "a payload may say where to go on" do
    for {options, to} <- [
          {[payload: %{"to" => "/a"}], "/a"},
          {[payload: %{to: "/a"}, to: "/b"], "/b"},
          {[], "/"}
        ] do
      id = new_id()
      {:ok, sent} = Coatcheck.handoff(mount(id), options)
      "/session/continue?code=" <> code = location(sent)
      assert {:ok, %{payload: %{"to" => ^to}}} = Client.redeem(URI.decode_www_form(code), id)
    end
  end
end
