if Code.ensure_loaded?(Phoenix.PubSub) do
  defmodule Coatcheck.Feed do
    @moduledoc """
    The one line by which a node hears of changes, however many views are open: `GET /v1/events` of the service. What it
    tells is passed on through `Phoenix.PubSub`, on this node alone, as each node has a line of its own.

        :ok = Coatcheck.subscribe(id)

        receive do
          {Coatcheck, ^id, {:change, %{set: set}}} -> set
        end

    `Coatcheck` starts it. Where something may have been missed (the service says `gap`, as it does at first) it reads the
    sessions that somebody on this node holds, a hundred at a time, and passes on what they are. A line that breaks, or is
    silent for longer than the comments that come every 15 s allow, is opened anew: after pauses that grow, and as soon as
    the service has answered any call of this node. The API key needs the permissions `read` and `events`.
    """

    use GenServer
    require Logger
    alias Coatcheck.{Chunks, Client, Config, Connection, HTTP, JSON, Telemetry}
    alias Coatcheck.Feed.{Events, Listeners}

    @silent_ms 40_000
    @longest_ms 30_000
    @connect_ms 5000
    @batch 100

    @typep state :: map

    @doc "Options: `:name`, `:silent_ms` and those of `Coatcheck.Config`."
    @spec start_link(keyword) :: GenServer.on_start()
    def start_link(options) do
      {own, options} = Keyword.split(options, [:name, :silent_ms])
      GenServer.start_link(__MODULE__, {own, options}, name: Keyword.get(own, :name, __MODULE__))
    end

    @impl true
    def init({own, options}) do
      Process.flag(:trap_exit, true)

      state = %{
        options: options,
        pubsub: Listeners.pubsub(Config.read(options)),
        silent_ms: Keyword.get(own, :silent_ms, @silent_ms),
        line: nil,
        chunks: Chunks.new(),
        events: Events.new(),
        silence: nil,
        retry_ms: 1000,
        failures: 0,
        next: nil,
        tried_at: nil,
        lost_at: now()
      }

      {:ok, state, {:continue, :connect}}
    end

    @impl true
    def handle_continue(:connect, state), do: {:noreply, connect(state)}

    @impl true
    def handle_info(:connect, %{line: nil} = state), do: {:noreply, connect(state)}

    # No sooner than the shortest pause, as a feed may be refused where other calls are not.
    def handle_info(:answered, %{line: nil} = state) do
      Process.cancel_timer(state.next)
      soon = max(state.tried_at + state.retry_ms - now(), 0)
      {:noreply, %{state | next: Process.send_after(self(), :connect, soon)}}
    end

    def handle_info({:silent, socket}, %{line: %{socket: socket}} = state),
      do: {:noreply, lost(state, "it was silent")}

    def handle_info({:catch_up, ids}, state), do: {:noreply, catch_up(state, ids)}

    def handle_info({kind, socket, piece}, %{line: %{socket: socket}} = state) when kind in [:tcp, :ssl] do
      {text, chunks} = Chunks.read(state.chunks, piece)
      {events, reader} = Events.read(state.events, text)
      state = %{state | chunks: chunks, events: reader, retry_ms: reader.retry || state.retry_ms}
      state = Enum.reduce(events, state, &tell/2)

      cond do
        Chunks.over?(chunks) -> {:noreply, lost(state, "the service ended it")}
        Chunks.fault?(chunks) -> {:noreply, lost(state, "the answer is no HTTP")}
        true -> {:noreply, listen(state)}
      end
    end

    def handle_info({kind, socket}, %{line: %{socket: socket}} = state)
        when kind in [:tcp_closed, :ssl_closed] do
      {:noreply, lost(state, "the connection was closed")}
    end

    def handle_info({kind, socket, _reason}, %{line: %{socket: socket}} = state)
        when kind in [:tcp_error, :ssl_error] do
      {:noreply, lost(state, "the connection failed")}
    end

    # What is left of an earlier line.
    def handle_info(_message, state), do: {:noreply, state}

    @impl true
    def terminate(_reason, %{line: nil}), do: :ok
    def terminate(_reason, %{line: line}), do: Connection.close(line)

    defp connect(state) do
      config = Config.read(state.options)
      state = %{state | tried_at: now()}

      case HTTP.stream(config, "/v1/events", [{"accept", "text/event-stream"}], @connect_ms) do
        {:ok, line} ->
          # What came along with the head is the beginning of the stream.
          send(self(), {kind(line), line.socket, line.rest})
          %{state | line: line, chunks: Chunks.new(), events: Events.new()}

        {:error, fault} ->
          hint = if fault =~ ~r/40[13]$/, do: "; its API key needs the permissions read and events", else: ""
          lost(state, fault <> hint)
      end
    end

    defp kind(%Connection{transport: :ssl}), do: :ssl
    defp kind(_line), do: :tcp

    # Waits for the next piece, but not for ever.
    defp listen(state) do
      if state.silence, do: Process.cancel_timer(state.silence)
      silence = Process.send_after(self(), {:silent, state.line.socket}, state.silent_ms)

      case Connection.next(state.line) do
        :ok -> %{state | silence: silence}
        {:error, fault} -> lost(%{state | silence: silence}, fault)
      end
    end

    defp lost(state, why) do
      if state.line, do: Connection.close(state.line)
      if state.silence, do: Process.cancel_timer(state.silence)
      if state.failures == 0, do: Logger.warning("Coatcheck's feed was lost (#{why}); it is opened anew.")

      if state.failures == 0 do
        Telemetry.tell([:feed, :down], %{}, %{reason: why})
        :ok = Listeners.lost()
      end

      longest =
        min(state.retry_ms * Integer.pow(2, min(state.failures, 10)), max(@longest_ms, state.retry_ms))

      next = Process.send_after(self(), :connect, div(longest, 2) + :rand.uniform(div(longest, 2) + 1))
      lost_at = state.lost_at || now()
      %{state | line: nil, silence: nil, failures: state.failures + 1, next: next, lost_at: lost_at}
    end

    defp back(%{lost_at: nil} = state), do: state

    # The service says so at the beginning of each line.
    defp back(state) do
      :ok = Listeners.found()
      away = now() - state.lost_at

      if state.failures > 0,
        do: Logger.info("Coatcheck's feed is back after #{div(away, 1000)} s.")

      Telemetry.tell([:feed, :up], %{away: System.convert_time_unit(away, :millisecond, :native)})
      %{state | failures: 0, lost_at: nil}
    end

    @spec tell(Events.event(), state) :: state
    defp tell(%{event: name, data: data}, state) do
      case {name, JSON.decode(data)} do
        {"gap", {:ok, %{"id" => id}}} -> catch_up(state, [id])
        {"gap", {:ok, %{}}} -> state |> back() |> catch_up(:all)
        {name, {:ok, %{"id" => id} = told}} -> tell_event(state, id, event(name, told))
        _other -> state
      end
    end

    defp tell_event(state, _id, nil), do: state

    defp tell_event(state, id, event) do
      Listeners.pass_on(state.pubsub, id, event)
      state
    end

    defp event("change", told) do
      {:change,
       %{
         revision: told["revision"],
         etag: told["etag"],
         previous_etag: told["previousEtag"],
         set: told["set"],
         removed: told["removed"],
         origin: told["origin"]
       }}
    end

    # What the settings are now, where the feed could not tell a change by its parts. Of which life it does not say, so it
    # goes by its revision, as a change does.
    defp event("snapshot", told), do: {:whole, whole(told)}
    defp event("ended", told), do: {:ended, told["reason"]}
    defp event("expiring", told), do: {:expiring, told["expiresAt"]}
    defp event(_other, _told), do: nil

    defp whole(told) do
      %{revision: told["revision"], etag: told["etag"], settings: told["settings"]}
    end

    # Reads what somebody here holds. That is done before anything that the line tells meanwhile, which keeps the order.
    defp catch_up(state, ids) do
      held = Listeners.held()
      wanted = if ids == :all, do: held, else: Enum.filter(ids, &(&1 in held))
      wanted |> Enum.chunk_every(@batch) |> Enum.reduce(state, &read/2)
    end

    defp read(ids, state) do
      case Client.batch(ids, state.options) do
        {:ok, %{sessions: sessions, missing: missing, gone: gone}} ->
          for session <- sessions, do: Listeners.pass_on(state.pubsub, session.id, {:snapshot, session})
          for id <- missing, do: Listeners.pass_on(state.pubsub, id, :missing)
          for {id, reason} <- gone, do: Listeners.pass_on(state.pubsub, id, {:ended, reason})

        {:error, error} ->
          Logger.warning(
            "Coatcheck's sessions could not be read after a gap; it is tried again. #{Exception.message(error)}"
          )

          Process.send_after(self(), {:catch_up, ids}, 1000 + :rand.uniform(1000))
      end

      state
    end

    defp now, do: System.monotonic_time(:millisecond)
  end
end
