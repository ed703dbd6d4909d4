import CoatcheckTest.Both

both Coatcheck.LiveViewStepsTest do
  alias Coatcheck.Client

  defp settings(socket), do: socket.assigns.settings

  defp shown_until(socket, done?, shown \\ []) do
    if done?.(socket) do
      {Enum.reverse(shown), socket}
    else
      {_, socket} = hear(socket)
      shown_until(socket, done?, [settings(socket) | shown])
    end
  end

  describe "never a step back:" do
    test "ten increments in one event, and their echoes" do
      id = new_id()
      socket = mount(id)

      socket =
        Enum.reduce(1..10, socket, fn n, socket ->
          assert {:ok, ^n, socket} = Coatcheck.increment(socket, "n")
          assert settings(socket) == %{"n" => n}
          socket
        end)

      {shown, socket} = shown_until(socket, &(&1.assigns.coatcheck.revision == 10))
      assert Enum.uniq(shown) == [%{"n" => 10}]
      assert socket.assigns.coatcheck.follow.pending == []
    end

    test "a fast typist and somebody else, whose changes come through" do
      id = new_id()
      socket = mount(id)

      socket =
        Enum.reduce(1..20, socket, fn n, socket ->
          text = String.duplicate("x", n)
          {:ok, socket} = Coatcheck.put(socket, "text", text)
          {:ok, _} = Client.increment(id, "theirs")
          {shown, socket} = shown(socket)
          assert Enum.all?(shown, &(&1["text"] == text))
          socket
        end)

      {shown, socket} = shown_until(socket, &(&1.assigns.coatcheck.revision == 40))
      assert Enum.all?(shown, &(&1["text"] == String.duplicate("x", 20)))
      assert settings(socket)["theirs"] == 20
      assert socket.assigns.coatcheck.follow.pending == []
    end

    test "what was written is there when the next view mounts" do
      id = new_id()
      visit(%{"coatcheck_session" => id})
      {:ok, _} = Coatcheck.put(mount(id), "a", 1)
      assert settings(mount(id)) == %{"a" => 1}
    end
  end

  describe "a component" do
    test "writes, and its view shows that before it renders anything else" do
      id = new_id()
      view = mount(id)
      component = component(view, %{coatcheck: view.assigns.coatcheck})
      {:ok, component} = Coatcheck.put(component, "a", 1)
      assert component.assigns.coatcheck.settings == %{"a" => 1}
      refute Map.has_key?(component.assigns, :settings)
      {:ok, 1, component} = Coatcheck.increment(component, "n")
      assert component.assigns.coatcheck.settings == %{"a" => 1, "n" => 1}

      # Whatever comes first to the view: an event of its own, a change, any other message.
      view = event(view)
      assert settings(view) == %{"a" => 1, "n" => 1}
      {shown, view} = shown_until(view, &(&1.assigns.coatcheck.revision == 2))
      assert Enum.uniq(shown) == [%{"a" => 1, "n" => 1}]
      assert view.assigns.coatcheck.follow.pending == []
    end

    test "to which nothing was passed says what to pass" do
      assert_raise ArgumentError, ~r/coatcheck=\{@coatcheck\}/, fn ->
        mount(new_id()) |> component(%{}) |> Coatcheck.put("a", 1)
      end
    end
  end
end
