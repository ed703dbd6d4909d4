if Code.ensure_loaded?(Phoenix.LiveView) do
  defimpl Coatcheck.Holder, for: Phoenix.LiveView.Socket do
    alias Coatcheck.Follow
    alias Phoenix.Component

    def session(%{assigns: %{coatcheck: session}}), do: session

    def session(%{assigns: %{myself: _}}) do
      raise ArgumentError,
            "This component holds no session. Pass it on from its view: `<.live_component … coatcheck={@coatcheck} />`."
    end

    def session(_socket),
      do: raise(ArgumentError, "This socket holds no session: mount it with `on_mount: Coatcheck.LiveView`.")

    def hold(%{assigns: %{myself: _} = assigns} = socket, session) when not is_map_key(assigns, :settings),
      do: Component.assign(socket, coatcheck: session)

    def hold(socket, session), do: Component.assign(socket, coatcheck: session, settings: session.settings)

    def wrote(socket, write) do
      session = Follow.wrote(session(socket), write)

      # A component's view is of the same process, and has its own copy.
      if is_map_key(socket.assigns, :myself),
        do: send(self(), {Coatcheck.LiveView, {:wrote, session.id, write}})

      hold(socket, session)
    end

    def logged_out(socket, options), do: Coatcheck.LiveView.Leave.log_out(socket, options)
  end
end
