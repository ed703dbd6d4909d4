if Code.ensure_loaded?(Phoenix.LiveView) and Code.ensure_loaded?(Plug.Conn) and
     Code.ensure_loaded?(Phoenix.PubSub) do
  defmodule Coatcheck.LiveView do
    @moduledoc """
    Assigns the visitor's `@settings` to a live view and keeps them current.

        live_session :default, on_mount: Coatcheck.LiveView do
          live "/", ChatLive
        end

    The first render takes them from `Coatcheck.Plug`, without a call. The connected view listens first and goes on from what
    the page has just read, so that it misses nothing and waits for nothing; only where this node does not know the session
    it reads before it renders, for a second at most. `@coatcheck` is the whole `Coatcheck.Session`. What the view writes it
    shows until the service has told of it, and never something older in between.

    Where the service is away the view goes on with what was last known (`@coatcheck.away?`), and reads beside, until it is
    back. When the session has ended, `@coatcheck.ended` says why, writes are refused, and a second later the page is loaded
    anew: the HTTP side decides what comes next, and by then the cookie of a login or a log-out in another tab is there.

    ## Views within a page

    Nested and sticky views take the hook as any other (`on_mount Coatcheck.LiveView` in their module). They leave the loading
    anew to the page's own view. A view that a controller's page embeds does not know which page that is, so it is told:

        live_render(@conn, MyApp.CartLive, session: Coatcheck.LiveView.page(@conn))

    A component holds what was passed to it, and `Coatcheck.put/3` and its siblings take its socket then:

        ~H(<.live_component module={MyApp.Name} id="name" coatcheck={@coatcheck} />)

    ## To hear of changes

    A view that wants to hear of changes itself, for example to show a notice, says `{Coatcheck.LiveView, :notify}` and
    gets what others changed, after `@settings` have it; its own writes it does not hear of:

        def handle_info({Coatcheck, _id, {:change, %{set: set}}}, socket)

    The endpoint's socket has to be told of the session, as `mix phx.new` does:
    `socket "/live", Phoenix.LiveView.Socket, websocket: [connect_info: [session: @session_options]]`.
    """

    import Phoenix.LiveView
    import Phoenix.Component, only: [assign_new: 3]
    require Logger
    alias Coatcheck.{Client, Config, Error, Follow, Holder, LastKnown, Session}
    alias Coatcheck.Feed.Listeners
    alias Phoenix.LiveView.Socket

    @page_key "coatcheck_page"
    @mount_ms 1000
    @reload_ms 1000
    @read_again_ms 2000

    @doc "The hook: `on_mount: Coatcheck.LiveView` or `{Coatcheck.LiveView, :notify}`."
    @spec on_mount(:default | :notify, map | :not_mounted_at_router, map, Socket.t()) :: {:cont, Socket.t()}
    def on_mount(how, params, session, socket) when how in [:default, :notify] do
      id = session[Coatcheck.Plug.session_key()] || raise ArgumentError, no_session()

      if connected?(socket) do
        page = if socket.parent_pid == nil, do: session[@page_key]

        own = %{
          page: page,
          at_router?: params != :not_mounted_at_router,
          notify?: how == :notify,
          reading: nil
        }

        {:cont, socket |> put_private(:coatcheck, own) |> hooks(own) |> connect(id)}
      else
        socket = assign_new(socket, :coatcheck, fn -> raise ArgumentError, no_session() end)
        {:cont, Holder.hold(socket, socket.assigns.coatcheck)}
      end
    end

    @doc """
    Tells a view that a controller's page embeds which page to load anew when the session has ended; for `session:` of
    `live_render/3`. It is one entry, to be merged with your own.
    """
    @spec page(Plug.Conn.t()) :: %{String.t() => String.t()}
    def page(conn), do: %{@page_key => local(%URI{path: conn.request_path, query: conn.query_string})}

    defp connect(socket, id) do
      :ok = Listeners.subscribe(id)
      origin = "view-" <> Base.url_encode64(:crypto.strong_rand_bytes(9))

      # What stands in for the service in tests answers at once, and they want to know when.
      recent = if Config.read().adapter == Coatcheck.HTTP, do: LastKnown.recent(id)
      {:read, session} = (recent || LastKnown.known(id)) |> Follow.begin(origin) |> Follow.ask()
      socket = Holder.hold(socket, session)

      if recent,
        do: begin_reading(socket, touch: true),
        else: answered(socket, Client.get(id, deadline: @mount_ms))
    end

    # Reads beside: the view never waits for it.
    defp begin_reading(socket, options) do
      %Session{id: id} = Holder.session(socket)
      task = Task.Supervisor.async_nolink(Coatcheck.Tasks, fn -> Client.get(id, options) end)
      own(socket, reading: task.ref)
    end

    defp answered(socket, result) do
      held = Holder.session(socket)

      case result do
        {:ok, session} ->
          LastKnown.keep(session)
          tell_again(socket, held)
          held |> Follow.read(session) |> go_on(socket)

        {:error, %Error{code: "session_gone", reason: reason}} ->
          settle(socket, %{held | ended: reason || "deleted"})

        {:error, _away} ->
          again_in = @read_again_ms + :rand.uniform(@read_again_ms)
          Process.send_after(self(), {__MODULE__, {:read, held.id}}, again_in)
          LastKnown.away(held.id)
          tell_again(socket, held)
          held |> Follow.read(nil) |> go_on(socket)
      end
    end

    # Of what was told meanwhile the view hears once `@settings` have it.
    defp tell_again(%{private: %{coatcheck: %{notify?: true}}}, %Session{id: id, follow: %{reading: reading}}) do
      for {kind, _} = event when kind in [:change, :whole] <- Enum.reverse(reading.meanwhile),
          do: send(self(), {Coatcheck, id, event})
    end

    defp tell_again(_socket, _held), do: :ok

    defp own(socket, changes),
      do: put_private(socket, :coatcheck, Map.merge(socket.private.coatcheck, Map.new(changes)))

    defp hooks(socket, own) do
      socket =
        socket
        |> attach_hook(:coatcheck, :handle_info, &hear/2)
        |> attach_hook(:coatcheck, :handle_event, fn _event, _params, socket -> {:cont, caught_up(socket)} end)

      if own.at_router? and socket.parent_pid == nil do
        attach_hook(socket, :coatcheck, :handle_params, fn _params, uri, socket ->
          {:cont, own(socket, page: local(URI.parse(uri)))}
        end)
      else
        socket
      end
    end

    # What components of this view have written comes before anything that is rendered.
    defp caught_up(%{assigns: %{coatcheck: %Session{id: id}}} = socket) do
      receive do
        {__MODULE__, {:wrote, ^id, write}} -> socket |> Holder.wrote(write) |> caught_up()
      after
        0 -> socket
      end
    end

    defp hear({__MODULE__, {:wrote, id, write}}, %{assigns: %{coatcheck: %Session{id: id}}} = socket),
      do: {:halt, Holder.wrote(socket, write)}

    defp hear({__MODULE__, message}, socket), do: {:halt, socket |> caught_up() |> act(message)}

    defp hear({ref, result}, %{private: %{coatcheck: %{reading: ref}}} = socket) when is_reference(ref) do
      Process.demonitor(ref, [:flush])
      {:halt, socket |> caught_up() |> answered(result)}
    end

    # The reading was ended, by whatever.
    defp hear({:DOWN, ref, :process, _task, _reason}, %{private: %{coatcheck: %{reading: ref}}} = socket),
      do: {:halt, socket |> caught_up() |> answered({:error, Error.unreachable("The reading was ended.")})}

    defp hear({Coatcheck, id, event}, %{assigns: %{coatcheck: %Session{id: id}}} = socket) do
      socket = caught_up(socket)
      held = Holder.session(socket)
      {when?, _session} = heard = Follow.hear(held, event)
      socket = go_on(heard, socket)
      tell? = socket.private.coatcheck.notify? and when? != :later and not Follow.echo?(held, event)
      {if(tell?, do: :cont, else: :halt), socket}
    end

    defp hear(_message, socket), do: {:cont, caught_up(socket)}

    defp act(%{assigns: %{coatcheck: %Session{id: id} = held}} = socket, {:read, id}),
      do: held |> Follow.ask() |> go_on(socket)

    defp act(%{private: %{coatcheck: %{page: page}}} = socket, :reload) when is_binary(page),
      do: redirect(socket, to: page)

    # Only what a controller's page embeds knows of no router.
    defp act(%{router: nil} = socket, :reload) do
      Logger.warning(
        "#{inspect(socket.view)} does not know the page that embeds it, and cannot load that anew after a log-out. " <>
          "Give live_render/3 `session: Coatcheck.LiveView.page(@conn)`."
      )

      socket
    end

    # A view within a page leaves that to the page's own.
    defp act(socket, _message), do: socket

    defp go_on({:read, session}, socket), do: socket |> settle(session) |> begin_reading(touch: false)
    defp go_on({_known, session}, socket), do: settle(socket, session)

    # When the session has ended, the cookie of what ended it may be on its way; all tabs come back, though not at the same
    # moment.
    defp settle(socket, session) do
      if session.ended != nil and Holder.session(socket).ended == nil do
        Process.send_after(self(), {__MODULE__, :reload}, @reload_ms + :rand.uniform(500))
      end

      Holder.hold(socket, session)
    end

    # Two slashes at the beginning would name another host.
    defp local(%URI{path: path, query: query}) do
      "/" <> String.trim_leading(path || "/", "/") <> if(query in [nil, ""], do: "", else: "?" <> query)
    end

    defp no_session do
      "This live view has no session of Coatcheck. `plug Coatcheck.Plug` has to be in its pipeline, after " <>
        "`plug :fetch_session`, and the endpoint's socket \"/live\" needs `connect_info: [session: @session_options]`."
    end
  end
end
