defmodule Coatcheck.LiveViewAwayTest do
  use ExUnit.Case
  import CoatcheckTest.Helpers
  alias Coatcheck.Client

  defp settings(socket), do: socket.assigns.settings

  test "a view that mounts while the service is away shows what was known, and reads when it is back" do
    id = new_id()
    {:ok, _} = Client.put(id, "username", "henrik")
    visit(%{"coatcheck_session" => id})

    socket =
      while_away(fn ->
        visit(%{"coatcheck_session" => id})
        mount(id)
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
end
