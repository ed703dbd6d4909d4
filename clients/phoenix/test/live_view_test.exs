defmodule Coatcheck.LiveViewTest do
  use ExUnit.Case
  import CoatcheckTest.Helpers
  alias Coatcheck.{Client, Session}

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
    lost = %{now | revision: 9, settings: %{"lost" => true}}
    send(self(), {Coatcheck, id, {:snapshot, now}})
    socket = socket |> Coatcheck.Holder.hold(lost) |> hear_until(&(not Map.has_key?(settings(&1), "lost")))
    assert settings(socket) == now.settings
  end

  defp self_done(key), do: &Map.has_key?(settings(&1), key)
  defp follow(socket, done?), do: socket |> hear_until(done?) |> settings()

  test "a view that wants to hear of changes hears of those of others, not of its own" do
    id = new_id()
    socket = mount(id, :notify)
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

  test "after a login in another tab the page is loaded anew, but not at once" do
    id = new_id()
    {:ok, _} = Client.put(id, "a", 1)
    socket = mount(id)
    {:ok, _} = Client.rotate(id, subject: "user-" <> id)
    rotated = System.monotonic_time(:millisecond)
    socket = hear_until(socket, &(&1.redirected != nil))
    assert System.monotonic_time(:millisecond) - rotated >= 1000
    assert settings(socket) == %{"a" => 1}
    assert location(socket) == "/chat?room=1"
  end

  test "after a log-out the page is loaded anew, and never another host's" do
    id = new_id()
    {:ok, _} = Client.put(id, "a", 1)
    socket = mount(id, :default, "http://localhost//evil.example/x")
    {:ok, _} = Client.end_session(id)
    socket = hear_until(socket, &(&1.redirected != nil))
    assert location(socket) == "/evil.example/x"
  end

  test "a view whose session ended before it mounted loads the page anew" do
    id = new_id()
    {:ok, _} = Client.put(id, "a", 1)
    {:ok, _} = Client.end_session(id)
    assert location(hear_until(mount(id), &(&1.redirected != nil))) == "/chat?room=1"
  end

  test "a view that mounts while the service is away shows what was known, and reads when it is back" do
    id = new_id()
    {:ok, _} = Client.put(id, "username", "henrik")
    visit(%{"coatcheck_session" => id})
    {:ok, _} = Client.put(id, "theme", "dark", [])
    socket = while_away(fn -> mount(id) end)
    assert settings(socket)["username"] == "henrik"
    assert socket.assigns.coatcheck.away?
    refute socket.redirected

    while_away(fn ->
      assert {:error, %{code: "unreachable"}} = Coatcheck.put(socket, "a", 1)
    end)

    socket = hear_until(socket, &(not &1.assigns.coatcheck.away?))
    assert settings(socket) == %{"username" => "henrik", "theme" => "dark"}
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

  test "what is older than what is known changes nothing" do
    known = %Session{id: "x", settings: %{"a" => 2}, revision: 5, created_at: "2026-01-02"}
    assert Session.hear(known, {:change, %{revision: 5, set: %{"a" => 1}, removed: []}}) == known
    assert Session.hear(known, {:snapshot, %{known | revision: 4, settings: %{}}}) == known
    assert Session.hear(known, {:snapshot, %{known | revision: 9, created_at: "2026-01-01"}}) == known
    # Another life of the session begins to count anew.
    life = %{known | revision: 1, settings: %{"b" => 1}, created_at: "2026-01-03"}
    assert Session.hear(known, {:snapshot, life}) == life
  end
end
