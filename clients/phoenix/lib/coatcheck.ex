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
  alias Coatcheck.{Client, Config, Error, Follow, Holder, JSON, LastKnown}

  @type holder :: Holder.t()
  @type failed :: {:error, Error.t()}

  @doc """
  Starts the node's part. Options are those of `Coatcheck.Config`, for all calls of this node; without a `pubsub` there is no
  feed.
  """
  @spec start_link(keyword) :: Supervisor.on_start()
  def start_link(options \\ []), do: Supervisor.start_link(__MODULE__, options, name: __MODULE__)

  @impl true
  def init(options) do
    :ok = Config.keep(options)
    config = Config.read()
    holders = {Registry, keys: :duplicate, name: Coatcheck.Holders, partitions: System.schedulers_online()}
    tasks = {Task.Supervisor, name: Coatcheck.Tasks}
    Supervisor.init([Coatcheck.Pool, LastKnown, holders, tasks] ++ upstream(config), strategy: :one_for_one)
  end

  defp upstream(%Config{adapter: Coatcheck.HTTP, pubsub: pubsub}) do
    if pubsub && Code.ensure_loaded?(Coatcheck.Feed), do: [Coatcheck.Feed], else: []
  end

  defp upstream(%Config{adapter: adapter}), do: [adapter]

  @doc """
  Puts one setting of the visitor; the others stay as they are. `@settings` has it at once, as it comes back from the service:
  an atom or a date is a string.

      {:ok, socket} = Coatcheck.put(socket, "username", "henrik")
  """
  @spec put(holder, Client.key(), term) :: {:ok, holder} | failed
  def put(holder, key, value) do
    with {:ok, value} <- shown(value) do
      write(holder, &Client.put(&1, key, value, &2), fn etag -> {:put, %{to_string(key) => value}, etag} end)
    end
  end

  @doc """
  Puts several settings in one step. `nil` removes, and a map is merged into the one that is there (RFC 7396).

      {:ok, socket} = Coatcheck.patch(socket, %{"username" => "henrik", "notice" => nil})
  """
  @spec patch(holder, map) :: {:ok, holder} | failed
  def patch(holder, changes) when is_map(changes) do
    with {:ok, changes} <- shown(changes) do
      write(holder, &Client.patch(&1, changes, &2), fn etag -> {:merge, changes, etag} end)
    end
  end

  @doc "Removes one setting. That it is not there is no error."
  @spec delete(holder, Client.key()) :: {:ok, holder} | failed
  def delete(holder, key) do
    write(holder, &Client.delete(&1, key, &2), fn etag -> etag && {:remove, [to_string(key)], etag} end)
  end

  @doc """
  Reads and removes a setting in one step. Of all who ask at the same moment exactly one gets it; the others get the error
  `key_not_found`.

      {:ok, notice, socket} = Coatcheck.take(socket, "notice")
  """
  @spec take(holder, Client.key()) :: {:ok, term, holder} | failed
  def take(holder, key) do
    answering(holder, &Client.take(&1, key, &2), fn _value -> {:remove, [to_string(key)], nil} end)
  end

  @doc "Adds to a number, where absent counts as 0, and answers the sum."
  @spec increment(holder, Client.key(), number) :: {:ok, number, holder} | failed
  def increment(holder, key, by \\ 1) do
    # What adds nothing is told to nobody.
    answering(holder, &Client.increment(&1, key, by, &2), fn sum ->
      by != 0 && {:put, %{to_string(key) => sum}, nil}
    end)
  end

  @doc "Says that the visitor is there: an open page is no use of the session by itself. `@coatcheck.expires_at` moves."
  @spec touch(holder) :: {:ok, holder} | failed
  def touch(holder) do
    session = Holder.session(holder)

    with {:ok, expires_at} <- Client.touch(session.id) do
      {:ok, Holder.hold(holder, %{session | expires_at: expires_at || session.expires_at})}
    end
  end

  @doc """
  Has the calling process told of a session: `{Coatcheck, id, event}`, with an event of `Coatcheck.Session`. A live view
  with `Coatcheck.LiveView` need not.
  """
  @spec subscribe(String.t()) :: :ok
  if Code.ensure_loaded?(Phoenix.PubSub) do
    defdelegate subscribe(id), to: Coatcheck.Feed.Listeners
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
    defdelegate handoff(socket, options), to: Coatcheck.LiveView.Leave
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
  end

  @doc """
  Logs the visitor out: ends the session. Every tab of the visitor hears of it and loads itself anew.

  On a conn an empty Plug session with a new id begins. In a live view the browser is sent `to:` a page (by default `/`), and
  `Coatcheck.Plug` begins the same new session there.

      {:ok, conn} = Coatcheck.log_out(conn)
      {:ok, socket} = Coatcheck.log_out(socket, to: "/goodbye")
  """
  @spec log_out(holder, keyword) :: {:ok, holder} | failed
  def log_out(holder, options \\ []) do
    case Client.end_session(Holder.session(holder).id) do
      {:error, %Error{code: code} = error} when code != "session_gone" -> {:error, error}
      _ended -> {:ok, Holder.logged_out(holder, options)}
    end
  end

  defp shown(value), do: with(:error <- JSON.through(value), do: {:error, Error.unstorable()})

  defp write(holder, call, change) do
    with {:ok, _answer, holder} <- answering(holder, call, change), do: {:ok, holder}
  end

  # `change` says what the write has changed, and under which ETag if that is known; nil if nothing.
  defp answering(holder, call, change) do
    session = Holder.session(holder)
    seq = System.unique_integer([:positive, :monotonic])
    origin = Follow.origin(session, seq)

    with {:ok, answer} <- call.(session.id, origin: origin) do
      LastKnown.wrote(session.id)
      {:ok, answer, wrote(holder, change.(answer), seq, origin)}
    end
  end

  defp wrote(holder, {kind, what, etag}, seq, origin) do
    revision = if etag, do: etag |> Integer.parse() |> elem(0)
    Holder.wrote(holder, %{seq: seq, origin: origin, revision: revision, change: {kind, what}})
  end

  defp wrote(holder, _nothing, _seq, _origin), do: holder
end
