defmodule Coatcheck.LiveViewAwayTest do
  use ExUnit.Case
  import CoatcheckTest.Helpers
  alias Coatcheck.Client
  alias CoatcheckTest.ScriptedServer

  defp settings(socket), do: socket.assigns.settings

  test "a view that mounts while the service is away shows what was known, and reads when it is back" do
    id = new_id()
    {:ok, _} = Client.put(id, "username", "henrik")
    visit(%{"coatcheck_session" => id})

    socket =
      while_away(fn ->
        visit(%{"coatcheck_session" => id})
        # Its reading fails, too.
        id |> mount() |> hear_until(&(&1.assigns.coatcheck.follow.reading == nil))
      end)

    {:ok, _} = Client.put(id, "theme", "dark")
    assert settings(socket)["username"] == "henrik"
    assert socket.assigns.coatcheck.away?
    refute socket.redirected

    while_away(fn ->
      assert {:error, %{code: "unreachable"}} = Coatcheck.put(socket, "a", 1)
    end)

    socket = hear_until(socket, &(not &1.assigns.coatcheck.away?))
    assert settings(socket) == %{"username" => "henrik", "theme" => "dark"}
  end

  test "a reading that is ended from outside does not stop what is told" do
    id = new_id()
    {:ok, _} = Client.put(id, "a", 1)
    socket = mount(id)
    frozen = ScriptedServer.start(fn _request, _send -> Process.sleep(:infinity) end)

    socket =
      while_away(
        fn ->
          send(self(), {Coatcheck, id, :missing})
          {:halt, socket} = hear(socket)
          # What is told meanwhile waits.
          send(self(), {Coatcheck, id, {:change, %{revision: 2, set: %{"b" => 2}, removed: [], origin: nil}}})
          {:halt, socket} = hear(socket)
          assert settings(socket) == %{"a" => 1}
          for task <- Task.Supervisor.children(Coatcheck.Tasks), do: Process.exit(task, :kill)
          hear_until(socket, & &1.assigns.coatcheck.away?)
        end,
        frozen
      )

    assert settings(socket) == %{"a" => 1, "b" => 2}
  end
end
