defmodule Coatcheck.LiveViewEndsTest do
  @moduledoc "Views whose session ends. Each waits for a second before it loads its page anew."
  use ExUnit.Case, async: true
  import CoatcheckTest.Helpers
  import ExUnit.CaptureLog
  alias Coatcheck.Client

  defp settings(socket), do: socket.assigns.settings
  defp location(%{redirected: {:redirect, %{to: to}}}), do: to

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
    socket = mount(id, uri: "http://localhost//evil.example/x")
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

  describe "views within a page" do
    # Each in a process of its own, as they wait for a second.
    defp each_in_its_process(cases, check) do
      cases |> Enum.map(&Task.async(fn -> check.(&1) end)) |> Task.await_many(10_000)
    end

    test "nested and sticky ones follow, and leave the loading anew to the page's own" do
      each_in_its_process([:nested, :sticky], fn where ->
        id = new_id()
        {:ok, _} = Client.put(id, "a", 1)
        socket = mount(id, where: where)
        {:ok, socket} = Coatcheck.put(socket, "b", 2)
        assert settings(socket) == %{"a" => 1, "b" => 2}
        {:ok, _} = Client.end_session(id)
        socket = hear_until(socket, &(&1.assigns.coatcheck.ended == "deleted"))
        assert {:halt, socket} = hear(socket)
        refute socket.redirected
      end)
    end

    test "one that a controller's page embeds loads that page anew, if it was told which it is" do
      page = &Coatcheck.LiveView.page(request(%{}, :get, &1))

      cases = [
        {page.("/cart?item=7"), "/cart?item=7"},
        {Coatcheck.LiveView.page(%{request() | request_path: "//evil.example/x"}), "/evil.example/x"},
        {%{}, nil}
      ]

      each_in_its_process(cases, fn {session, location} ->
        id = new_id()
        {:ok, _} = Client.put(id, "a", 1)
        socket = mount(id, where: :embedded, session: session)
        {:ok, _} = Client.end_session(id)
        socket = hear_until(socket, &(&1.assigns.coatcheck.ended == "deleted"))

        {{:halt, socket}, log} = with_log(fn -> hear(socket) end)
        assert (socket.redirected && location(socket)) == location
        # Who was not told is told what to pass.
        if location == nil, do: assert(log =~ "Coatcheck.LiveView.page(@conn)")
      end)
    end
  end
end
