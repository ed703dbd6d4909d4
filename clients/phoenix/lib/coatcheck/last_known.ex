defmodule Coatcheck.LastKnown do
  @moduledoc """
  What this node has last read of the sessions that it served lately: shown while the service is away, so that an outage
  does not look like a log-out. It is kept for five minutes at most, and `Coatcheck.Feed` keeps it current and forgets
  what has ended.

      Coatcheck.LastKnown.keep(session)
      Coatcheck.LastKnown.away(session.id)

  It also spares a page its second wait: a view that mounts within five seconds of the page's own reading goes on from that,
  whether it was answered or not, and reads beside.
  """

  use GenServer
  alias Coatcheck.{Follow, Session}

  @table __MODULE__
  @seconds 300
  @recent_ms 5000
  @at_most 50_000

  @doc "Starts what keeps it."
  @spec start_link(term) :: GenServer.on_start()
  def start_link(_options), do: GenServer.start_link(__MODULE__, nil, name: __MODULE__)

  @doc "Keeps what was read. Without the process, nothing is kept."
  @spec keep(Session.t()) :: :ok
  def keep(%Session{} = session), do: insert(session, now(), now())

  @doc "The last state read, or an empty session where there is none."
  @spec known(String.t()) :: Session.t()
  def known(id) do
    case find(id) do
      {session, _read_at, _asked_at} -> %{session | follow: nil}
      nil -> Session.unwritten(id)
    end
  end

  @doc "The same, marked as `away?`, of a session that the service was asked of in vain."
  @spec away(String.t()) :: Session.t()
  def away(id) do
    session = %{known(id) | away?: true}
    read_at = with {_session, read_at, _asked_at} <- find(id), do: read_at
    insert(session, read_at || now(), now())
    session
  end

  @doc "What is known of a session that the service was asked of a moment ago; nil of any other."
  @spec recent(String.t()) :: Session.t() | nil
  def recent(id) do
    case find(id) do
      {_session, _read_at, asked_at} -> if now() - asked_at < @recent_ms, do: known(id)
      nil -> nil
    end
  end

  @doc "This node has written there: whoever wants to know more than what was known before has to read."
  @spec wrote(String.t()) :: :ok
  def wrote(id) do
    if there?(), do: :ets.update_element(@table, id, {4, now() - @recent_ms})
    :ok
  end

  @doc "Takes an event of the feed into account."
  @spec hear(String.t(), Session.event()) :: :ok
  def hear(id, event) do
    with {session, _read_at, _asked_at} <- find(id) do
      case Follow.hear(session, event) do
        {:ok, %Session{ended: nil} = session} -> :ets.update_element(@table, id, {2, session})
        # It has ended, or more has happened than is told.
        _unknown -> :ets.delete(@table, id)
      end
    end

    :ok
  end

  defp find(id) do
    case there?() && :ets.lookup(@table, id) do
      [{^id, session, read_at, asked_at}] ->
        if now() - read_at < @seconds * 1000, do: {session, read_at, asked_at}

      _ ->
        nil
    end
  end

  defp insert(session, read_at, asked_at) do
    if there?() and :ets.info(@table, :size) < @at_most do
      :ets.insert(@table, {session.id, Follow.begin(session), read_at, asked_at})
    end

    :ok
  end

  @impl true
  def init(_options) do
    :ets.new(@table, [:named_table, :public, read_concurrency: true, write_concurrency: true])
    {:ok, nil, {:continue, :sweep_later}}
  end

  @impl true
  def handle_continue(:sweep_later, state) do
    Process.send_after(self(), :sweep, 30_000)
    {:noreply, state}
  end

  @impl true
  def handle_info(:sweep, state) do
    :ets.select_delete(@table, [{{:_, :_, :"$1", :_}, [{:<, :"$1", now() - @seconds * 1000}], [true]}])
    {:noreply, state, {:continue, :sweep_later}}
  end

  defp there?, do: :ets.whereis(@table) != :undefined
  defp now, do: System.monotonic_time(:millisecond)
end
