defmodule Coatcheck.Pool do
  @moduledoc """
  Connections that nobody uses at the moment, for the next call. The one that was used last is taken first; those that were
  idle for 15 s are closed. Without this process each call opens a connection of its own.

      case Coatcheck.Pool.take(config) do
        nil -> Coatcheck.Connection.open(config, 1000)
        connection -> {:ok, connection}
      end
  """

  use GenServer
  alias Coatcheck.{Config, Connection}

  @idle_ms 15_000
  @at_most 50

  @doc "Starts the pool."
  @spec start_link(term) :: GenServer.on_start()
  def start_link(_options), do: GenServer.start_link(__MODULE__, nil, name: __MODULE__)

  @doc "An idle connection to the service of this configuration, which the caller then owns."
  @spec take(Config.t()) :: Connection.t() | nil
  def take(config) do
    if Process.whereis(__MODULE__), do: GenServer.call(__MODULE__, {:take, place(config)})
  catch
    :exit, _stopped -> nil
  end

  @doc "Gives back a connection that the caller owns, on which nothing is under way."
  @spec put(Config.t(), Connection.t()) :: :ok
  def put(config, connection) do
    pool = Process.whereis(__MODULE__)

    if connection.keep? and connection.rest == "" and pool != nil and Connection.give(connection, pool) == :ok do
      GenServer.cast(pool, {:put, place(config), connection})
    else
      Connection.close(connection)
    end
  end

  defp place(config), do: {config.url, config.cacertfile}

  @impl true
  def init(_options) do
    Process.send_after(self(), :sweep, @idle_ms)
    {:ok, %{}}
  end

  @impl true
  def handle_call({:take, place}, {caller, _}, idle) do
    case Map.get(idle, place, []) do
      [] ->
        {:reply, nil, idle}

      [{connection, _since} | others] ->
        given? = Connection.give(connection, caller) == :ok
        unless given?, do: Connection.close(connection)
        {:reply, if(given?, do: connection), Map.put(idle, place, others)}
    end
  end

  @impl true
  def handle_cast({:put, place, connection}, idle) do
    {kept, over} = Enum.split([{connection, now()} | Map.get(idle, place, [])], @at_most)
    for {one, _since} <- over, do: Connection.close(one)
    {:noreply, Map.put(idle, place, kept)}
  end

  @impl true
  def handle_info(:sweep, idle) do
    Process.send_after(self(), :sweep, @idle_ms)
    {:noreply, for({place, list} <- idle, (kept = fresh(list)) != [], into: %{}, do: {place, kept})}
  end

  # An idle connection that the service closed tells nothing in passive mode; TLS may.
  def handle_info(_message, idle), do: {:noreply, idle}

  defp fresh(list) do
    {kept, over} = Enum.split_with(list, fn {_connection, since} -> now() - since < @idle_ms end)
    for {one, _since} <- over, do: Connection.close(one)
    kept
  end

  defp now, do: System.monotonic_time(:millisecond)
end
