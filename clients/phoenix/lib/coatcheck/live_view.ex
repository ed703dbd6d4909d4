if Code.ensure_loaded?(Phoenix.LiveView) and Code.ensure_loaded?(Plug.Conn) and
     Code.ensure_loaded?(Phoenix.PubSub) do
  defmodule Coatcheck.LiveView do
    @moduledoc """
    Assigns the visitor's `@settings` to a live view and keeps them current.

        live_session :default, on_mount: Coatcheck.LiveView do
          live "/", ChatLive
        end

    The first render takes them from `Coatcheck.Plug`, without a call. The connected view listens first and then reads,
    once, so that it misses nothing. `@coatcheck` is the whole `Coatcheck.Session`.

    When the session has ended the page is loaded anew, and the HTTP side decides what comes next: after a login in another
    tab (`rotated`) a second later, when its new cookie will be there; after a log-out at once. Where the service is away
    the view goes on with what was last known (`@coatcheck.away?`), and reads again until it is back.

    A view that wants to hear of changes itself, for example to show a notice, says `{Coatcheck.LiveView, :notify}` and
    gets what others changed, after `@settings` have it; its own writes it does not hear of:

        def handle_info({Coatcheck, _id, {:change, %{set: set}}}, socket)

    The endpoint's socket has to be told of the session, as `mix phx.new` does:
    `socket "/live", Phoenix.LiveView.Socket, websocket: [connect_info: [session: @session_options]]`.
    """

    import Phoenix.LiveView
    import Phoenix.Component, only: [assign_new: 3]
    alias Coatcheck.{Client, Error, Feed, Handoff, Holder, LastKnown, Session}

    @wait_ms 1000
    @read_again_ms 2000

    @spec on_mount(:default | :notify, map | :not_mounted_at_router, map, Phoenix.LiveView.Socket.t()) ::
            {:cont, Phoenix.LiveView.Socket.t()}
    def on_mount(how, _params, session, socket) when how in [:default, :notify] do
      id = session[Coatcheck.Plug.session_key()] || raise ArgumentError, no_session()

      socket =
        if connected?(socket) do
          socket |> mount_connected(id) |> hooks(how == :notify)
        else
          socket |> assign_new(:coatcheck, fn -> raise ArgumentError, no_session() end) |> first_render()
        end

      {:cont, socket}
    end

    @doc false
    @spec handoff(Phoenix.LiveView.Socket.t(), keyword) ::
            {:ok, Phoenix.LiveView.Socket.t()} | {:error, Error.t()}
    def handoff(socket, options) do
      options =
        Keyword.validate!(options, [
          :subject,
          :expires_in_seconds,
          to: "/",
          payload: %{},
          via: Handoff.default_path()
        ])

      payload = Map.put(options[:payload], :to, options[:to])
      asked = [payload: payload] ++ Keyword.take(options, [:subject, :expires_in_seconds])

      with {:ok, %{code: code}} <- Client.handoff(Holder.session(socket).id, asked) do
        {:ok, redirect(socket, to: options[:via] <> "?" <> URI.encode_query(code: code))}
      end
    end

    defp first_render(socket), do: Holder.hold(socket, socket.assigns.coatcheck)

    defp mount_connected(socket, id) do
      :ok = Feed.subscribe(id)
      origin = "view-" <> Base.url_encode64(:crypto.strong_rand_bytes(9))
      known = %{LastKnown.find(id) | origin: origin}
      read(socket, known)
    end

    defp read(socket, known) do
      case Client.get(known.id) do
        {:ok, session} ->
          LastKnown.keep(session)
          Holder.hold(socket, %{session | origin: known.origin})

        {:error, %Error{code: "session_gone", reason: reason}} ->
          ended(reason)
          Holder.hold(socket, known)

        {:error, _away} ->
          Process.send_after(self(), {Coatcheck, :read}, @read_again_ms + :rand.uniform(@read_again_ms))
          Holder.hold(socket, %{known | away?: true})
      end
    end

    defp hooks(socket, notify?) do
      socket = attach_hook(socket, :coatcheck, :handle_info, &hear(&1, &2, notify?))
      at_router? = socket.router != nil and socket.parent_pid == nil

      if at_router? do
        attach_hook(socket, :coatcheck, :handle_params, fn _params, uri, socket ->
          {:cont, put_private(socket, :coatcheck_uri, uri)}
        end)
      else
        socket
      end
    end

    defp hear({Coatcheck, :read}, socket, _notify?) do
      {:halt, read(socket, socket.assigns.coatcheck)}
    end

    # A view within another leaves that to it.
    defp hear({Coatcheck, :reload}, %{parent_pid: nil} = socket, _notify?) do
      {:halt, redirect(socket, to: path(socket.private[:coatcheck_uri]))}
    end

    defp hear({Coatcheck, :reload}, socket, _notify?), do: {:halt, socket}

    defp hear({Coatcheck, id, event}, %{assigns: %{coatcheck: %Session{id: id} = held}} = socket, notify?) do
      socket = heard(socket, held, event)
      if notify? and not echo?(event, held), do: {:cont, socket}, else: {:halt, socket}
    end

    defp hear(_message, socket, _notify?), do: {:cont, socket}

    defp heard(socket, _held, {:ended, reason}) do
      ended(reason)
      socket
    end

    defp heard(socket, %Session{revision: 0}, :missing), do: socket

    defp heard(socket, _held, :missing) do
      ended("idle")
      socket
    end

    # A change was missed, or writes were lost with a fail-over of the store: what there is has the last word.
    defp heard(socket, held, {:change, %{revision: revision}}) when revision > held.revision + 1,
      do: read_again(socket)

    defp heard(socket, held, {:snapshot, %{revision: revision}}) when revision < held.revision,
      do: read_again(socket)

    defp heard(socket, held, event), do: Holder.hold(socket, Session.hear(held, event))

    defp read_again(socket) do
      send(self(), {Coatcheck, :read})
      socket
    end

    defp echo?({:change, %{origin: origin}}, held), do: origin != nil and origin == held.origin
    defp echo?(_event, _held), do: false

    # After a login in another tab its new cookie is on its way. All tabs come back, though not at the same moment.
    defp ended("rotated"), do: Process.send_after(self(), {Coatcheck, :reload}, @wait_ms + :rand.uniform(500))
    defp ended(_reason), do: Process.send_after(self(), {Coatcheck, :reload}, :rand.uniform(200))

    defp path(nil), do: "/"

    defp path(uri) do
      %URI{path: path, query: query} = URI.parse(uri)
      "/" <> rest = path || "/"
      # Two slashes at the beginning would name another host.
      "/" <> String.trim_leading(rest, "/") <> if(query, do: "?" <> query, else: "")
    end

    defp no_session do
      "This live view has no session of Coatcheck. `plug Coatcheck.Plug` has to be in its pipeline, after " <>
        "`plug :fetch_session`, and the endpoint's socket \"/live\" needs `connect_info: [session: @session_options]`."
    end
  end

  defimpl Coatcheck.Holder, for: Phoenix.LiveView.Socket do
    def session(%{assigns: %{coatcheck: session}}), do: session

    def session(_socket),
      do: raise(ArgumentError, "This socket holds no session: mount it with `on_mount: Coatcheck.LiveView`.")

    def hold(socket, session) do
      Phoenix.Component.assign(socket, coatcheck: session, settings: session.settings)
    end
  end
end
