defmodule Coatcheck do
  @moduledoc """
  The visitor's settings, in controllers and live views.

      # application.ex, after the PubSub and before the endpoint
      children = [{Phoenix.PubSub, name: MyApp.PubSub}, Coatcheck, MyAppWeb.Endpoint]

      # router.ex
      pipeline :browser do
        plug :fetch_session
        plug Coatcheck.Plug
      end

      live_session :default, on_mount: Coatcheck.LiveView do
        live "/", ChatLive
      end

      # chat_live.ex: @settings is there in the first render, and follows every change
      def handle_event("name", %{"username" => name}, socket) do
        case Coatcheck.put(socket, "username", name) do
          {:ok, socket} -> {:noreply, socket}
          {:error, error} -> {:noreply, put_flash(socket, :error, Exception.message(error))}
        end
      end

  As a child of a supervisor it is what a node needs of its own: connections, the feed of changes, and what was last
  known.
  """

  use Supervisor
  alias Coatcheck.{Client, Error, Holder, Session}

  @type holder :: Holder.t()
  @type failed :: {:error, Error.t()}

  @doc "Starts the node's part. Options are those of `Coatcheck.Config`; without a `pubsub` there is no feed."
  @spec start_link(keyword) :: Supervisor.on_start()
  def start_link(options \\ []), do: Supervisor.start_link(__MODULE__, options, name: __MODULE__)

  @impl true
  def init(options) do
    config = Coatcheck.Config.read(options)
    feed = if config.pubsub && Code.ensure_loaded?(Coatcheck.Feed), do: [{Coatcheck.Feed, options}], else: []
    holders = {Registry, keys: :duplicate, name: Coatcheck.Holders, partitions: System.schedulers_online()}
    Supervisor.init([Coatcheck.Pool, Coatcheck.LastKnown, holders] ++ feed, strategy: :one_for_one)
  end

  @doc """
  Puts one setting of the visitor; the others stay as they are. `@settings` has it at once.

      {:ok, socket} = Coatcheck.put(socket, "username", "henrik")
  """
  @spec put(holder, Client.key(), term) :: {:ok, holder} | failed
  def put(holder, key, value) do
    with {:ok, session, _} <- write(holder, &Client.put(&1, key, value, &2)) do
      {:ok, Holder.hold(holder, Session.wrote(session, %{to_string(key) => value}))}
    end
  end

  @doc "Removes one setting."
  @spec delete(holder, Client.key()) :: {:ok, holder} | failed
  def delete(holder, key) do
    with {:ok, session, _} <- write(holder, &Client.delete(&1, key, &2)) do
      {:ok, Holder.hold(holder, Session.wrote(session, %{}, [to_string(key)]))}
    end
  end

  @doc """
  Reads and removes a setting in one step. Of all who ask at the same moment exactly one gets it; the others get the error
  `key_not_found`.

      {:ok, notice, socket} = Coatcheck.take(socket, "notice")
  """
  @spec take(holder, Client.key()) :: {:ok, term, holder} | failed
  def take(holder, key) do
    with {:ok, session, value} <- write(holder, &Client.take(&1, key, &2)) do
      {:ok, value, Holder.hold(holder, Session.wrote(session, %{}, [to_string(key)]))}
    end
  end

  @doc "Adds to a number, and answers the sum."
  @spec increment(holder, Client.key(), number) :: {:ok, number, holder} | failed
  def increment(holder, key, by \\ 1) do
    with {:ok, session, value} <- write(holder, &Client.increment(&1, key, by, &2)) do
      {:ok, value, Holder.hold(holder, Session.wrote(session, %{to_string(key) => value}))}
    end
  end

  @doc """
  Has the calling process told of a session: `{Coatcheck, id, event}`, with an event of `Coatcheck.Session`. A live view
  with `Coatcheck.LiveView` need not.
  """
  @spec subscribe(String.t()) :: :ok
  if Code.ensure_loaded?(Phoenix.PubSub) do
    defdelegate subscribe(id), to: Coatcheck.Feed
  else
    def subscribe(_id), do: raise("Coatcheck.subscribe/1 needs phoenix_pubsub.")
  end

  if Code.ensure_loaded?(Phoenix.LiveView) do
    @doc """
    Logs the visitor in from a live view: makes a one-time code bound to the `subject:` and sends the browser with it to
    `Coatcheck.Handoff` (at `via:`, by default `/session/continue`), which moves the session to a new id in the visitor's
    cookie and goes on to `to:`.

        case Coatcheck.handoff(socket, subject: "user-42", to: "/chat") do
          {:ok, socket} -> {:noreply, socket}
          {:error, error} -> {:noreply, put_flash(socket, :error, Exception.message(error))}
        end
    """
    @spec handoff(Phoenix.LiveView.Socket.t(), keyword) :: {:ok, Phoenix.LiveView.Socket.t()} | failed
    defdelegate handoff(socket, options), to: Coatcheck.LiveView
  end

  if Code.ensure_loaded?(Plug.Conn) do
    @doc """
    Redeems a code for the visitor who holds this session, for a controller of your own; `Coatcheck.Handoff` does it with
    a line in the router. The new id is in the Plug session then, which is renewed, and `settings` are assigned.

        {:ok, conn, payload} = Coatcheck.redeem(conn, code)
    """
    @spec redeem(Plug.Conn.t(), String.t()) :: {:ok, Plug.Conn.t(), term} | failed
    defdelegate redeem(conn, code), to: Coatcheck.Handoff

    @doc """
    Logs the visitor in on the HTTP side, by an ordinary form: moves the session to a new id, bound to the subject.

        {:ok, conn} = Coatcheck.log_in(conn, "user-42")
    """
    @spec log_in(Plug.Conn.t(), String.t()) :: {:ok, Plug.Conn.t()} | failed
    defdelegate log_in(conn, subject), to: Coatcheck.Plug

    @doc """
    Logs the visitor out: ends the session, and begins an empty Plug session with a new id. Every tab of the visitor hears
    of it.

        {:ok, conn} = Coatcheck.log_out(conn)
    """
    @spec log_out(Plug.Conn.t()) :: {:ok, Plug.Conn.t()} | failed
    defdelegate log_out(conn), to: Coatcheck.Plug
  end

  defp write(holder, call) do
    session = Holder.session(holder)

    with {:ok, value} <- call.(session.id, origin: session.origin) do
      {:ok, session, value}
    end
  end
end
