defmodule Coatcheck.LastKnown do
  @moduledoc """
  What this node has last read of the sessions that it served lately: shown while the service is away, so that an outage
  does not look like a log-out. It is kept for five minutes at most, and `Coatcheck.Feed` keeps it current and forgets
  what has ended.

      Coatcheck.LastKnown.keep(session)
      Coatcheck.LastKnown.find(session.id)
  """

  use GenServer
  alias Coatcheck.Session

  @table __MODULE__
  @seconds 300
  @at_most 50_000

  @spec start_link(term) :: GenServer.on_start()
  def start_link(_options), do: GenServer.start_link(__MODULE__, nil, name: __MODULE__)

  @doc "Keeps what was read. Without the process, nothing is kept."
  @spec keep(Session.t()) :: :ok
  def keep(%Session{away?: false} = session) do
    if there?() and :ets.info(@table, :size) < @at_most do
      :ets.insert(@table, {session.id, session, now()})
    end

    :ok
  end

  def keep(_session), do: :ok

  @doc "What is known, marked as `away?`: the last state read, or an empty session where there is none."
  @spec find(String.t()) :: Session.t()
  def find(id) do
    case there?() && :ets.lookup(@table, id) do
      [{^id, session, at}] -> if now() - at < @seconds, do: %{session | away?: true}, else: nothing(id)
      _ -> nothing(id)
    end
  end

  @doc "Takes an event of the feed into account."
  @spec hear(String.t(), Session.event()) :: :ok
  def hear(id, event) do
    case {there?() && :ets.lookup(@table, id), event} do
      {[_known], {:ended, _reason}} -> :ets.delete(@table, id)
      {[_known], :missing} -> :ets.delete(@table, id)
      {[{^id, session, at}], _event} -> :ets.insert(@table, {id, Session.hear(session, event), at})
      _ -> :ok
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
    :ets.select_delete(@table, [{{:_, :_, :"$1"}, [{:<, :"$1", now() - @seconds}], [true]}])
    {:noreply, state, {:continue, :sweep_later}}
  end

  defp nothing(id), do: %{Session.unwritten(id) | away?: true}
  defp there?, do: :ets.whereis(@table) != :undefined
  defp now, do: System.monotonic_time(:second)
end
