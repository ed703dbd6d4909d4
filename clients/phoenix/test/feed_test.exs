defmodule Coatcheck.FeedTest do
  use ExUnit.Case
  import CoatcheckTest.Helpers
  alias Coatcheck.{Client, LastKnown, Session}
  alias CoatcheckTest.ScriptedServer

  test "a change, its origin and an end reach whoever subscribed, and nobody else" do
    [id, other] = [new_id(), new_id()]
    :ok = Coatcheck.subscribe(id)
    :ok = Coatcheck.subscribe(id)
    {:ok, _} = Client.put(other, "theme", "light")
    {:ok, _} = Client.put(id, "theme", "dark", origin: "tab-2")

    assert_receive {Coatcheck, ^id,
                    {:change, %{revision: 1, set: %{"theme" => "dark"}, removed: [], origin: "tab-2"}}},
                   5000

    {:ok, _} = Client.delete(id, "theme")
    assert_receive {Coatcheck, ^id, {:change, %{revision: 2, removed: ["theme"]}}}, 5000
    {:ok, _} = Client.end_session(id)
    assert_receive {Coatcheck, ^id, {:ended, "deleted"}}, 5000
    refute_received {Coatcheck, _, _}
  end

  test "what is no id is not listened to, for the others' sake" do
    for id <- ["", "current", String.upcase(new_id()), nil] do
      assert_raise ArgumentError, fn -> Coatcheck.subscribe(id) end
    end
  end

  test "a large value arrives whole" do
    id = new_id()
    :ok = Coatcheck.subscribe(id)
    text = String.duplicate("漢字 ", 8000)
    {:ok, _} = Client.put(id, "text", text)
    assert_receive {Coatcheck, ^id, {kind, told}} when kind in [:change, :whole], 5000
    assert (told[:set] || told[:settings])["text"] == text
  end

  describe "a line that breaks" do
    # Tells a gap and, the second time, nothing; then the line ends or falls silent. Its batches are answered as `sessions` says.
    defp upstream(sessions, after_gap) do
      test = self()

      ScriptedServer.start(fn request, send ->
        case {request.method, request.path} do
          {"GET", "/v1/events"} ->
            send(test, :connected)

            send.(
              "HTTP/1.1 200 OK\r\ncoatcheck-version: 1\r\ncontent-type: text/event-stream\r\ntransfer-encoding: chunked\r\n\r\n"
            )

            for piece <- ["retry: 20\n\n:\n", "\neve", "nt: gap\r", "\ndata: {}\n\n"],
                do: send.(ScriptedServer.chunk(piece))

            after_gap.(send)

          {"POST", "/v1/sessions/batch"} ->
            send(test, {:batch, request.body})
            send.(sessions.())
        end
      end)
    end

    defp start(url, options \\ []) do
      start_supervised!(
        {Coatcheck.Feed, [name: :feed_of_this_test, url: url, deadline: 200, attempts: 1] ++ options}
      )
    end

    test "is opened anew, and what is held is read each time" do
      id = new_id()
      :ok = Coatcheck.subscribe(id)

      body =
        ~s({"sessions":{"#{id}":{"id":"#{id}","settings":{"a":1},"revision":4,"etag":"4-x","subject":null,"createdAt":"2026-01-01T00:00:00.000Z","expiresAt":"2027-01-01T00:00:00.000Z"}},"missing":[],"gone":[]})

      url =
        upstream(fn -> ScriptedServer.answer(200, body) end, fn send ->
          send.(
            ScriptedServer.chunk(
              ~s(event: change\ndata: {"id":"#{id}","revision":5,\ndata: "set":{"b":2},"removed":[]}\n\n)
            )
          )

          :close
        end)

      start(url)

      for _ <- 1..2 do
        assert_receive :connected, 5000
        assert_receive {:batch, asked}, 5000
        assert asked =~ id
        assert_receive {Coatcheck, ^id, {:snapshot, %Session{settings: %{"a" => 1}, revision: 4}}}, 5000
        assert_receive {Coatcheck, ^id, {:change, %{revision: 5, set: %{"b" => 2}}}}, 5000
      end
    end

    test "is found by its silence" do
      url =
        upstream(fn -> ScriptedServer.answer(200, ~s({"sessions":{},"missing":[],"gone":[]})) end, fn _ ->
          Process.sleep(:infinity)
        end)

      start(url, silent_ms: 150)
      for _ <- 1..3, do: assert_receive(:connected, 5000)
    end

    test "that was lost comes back as soon as a call succeeds, and says so" do
      {:ok, up?} = Agent.start_link(fn -> false end)
      handler = "feed-of-this-test"
      events = for what <- [:up, :down], do: [:coatcheck, :feed, what]

      :telemetry.attach_many(
        handler,
        events,
        fn event, _, _, test -> send(test, {:told, List.last(event)}) end,
        self()
      )

      on_exit(fn -> :telemetry.detach(handler) end)

      url =
        ScriptedServer.start(fn request, send ->
          case {Agent.get(up?, & &1), request.path} do
            {false, _} ->
              :close

            {true, "/v1/events"} ->
              send.("HTTP/1.1 200 OK\r\ncoatcheck-version: 1\r\ncontent-type: text/event-stream\r\n")
              send.("transfer-encoding: chunked\r\n\r\n")
              send.(ScriptedServer.chunk("event: gap\ndata: {}\n\n"))

            {true, _} ->
              send.(ScriptedServer.answer(200, ~s({"value":1})))
          end
        end)

      feed = start(url)
      assert_receive {:told, :down}, 5000
      # It has tried some times, and would not try again for a good while.
      :sys.replace_state(feed, fn state ->
        Process.cancel_timer(state.next)
        %{state | failures: 10, retry_ms: 20, next: Process.send_after(feed, :connect, 60_000)}
      end)

      Agent.update(up?, fn _ -> true end)
      assert {:ok, 1} = Client.take(new_id(), "a", url: url)
      assert_receive {:told, :up}, 2000
    end

    test "what could not be read after a gap is read again" do
      id = new_id()
      :ok = Coatcheck.subscribe(id)
      {:ok, tries} = Agent.start_link(fn -> 0 end)

      answer = fn ->
        if Agent.get_and_update(tries, &{&1, &1 + 1}) == 0 do
          ScriptedServer.problem(503, "store_unavailable")
        else
          ScriptedServer.answer(
            200,
            ~s({"sessions":{},"missing":[],"gone":[{"id":"#{id}","reason":"rotated"}]})
          )
        end
      end

      start(upstream(answer, fn _ -> Process.sleep(:infinity) end))
      assert_receive {Coatcheck, ^id, {:ended, "rotated"}}, 5000
    end

    test "more than a hundred held sessions are read in parts" do
      ids = for _ <- 1..120, do: new_id()
      for id <- ids, do: Coatcheck.subscribe(id)

      url =
        upstream(fn -> ScriptedServer.answer(200, ~s({"sessions":{},"missing":[],"gone":[]})) end, fn _ ->
          Process.sleep(:infinity)
        end)

      start(url)
      assert_receive {:batch, first}, 5000
      assert_receive {:batch, second}, 5000
      {:ok, %{"ids" => first}} = Coatcheck.JSON.decode(first)
      {:ok, %{"ids" => second}} = Coatcheck.JSON.decode(second)
      assert length(first) == 100
      assert ids -- (first ++ second) == []
    end
  end

  test "what was last known follows the feed, and is forgotten when the session ends" do
    id = new_id()
    {:ok, _} = Client.put(id, "a", 1)
    {:ok, session} = Client.get(id)
    LastKnown.keep(session)
    assert %Session{settings: %{"a" => 1}, away?: true} = LastKnown.away(id)

    :ok = Coatcheck.subscribe(id)
    {:ok, _} = Client.put(id, "b", 2)
    assert_receive {Coatcheck, ^id, {:change, _}}, 5000
    assert soon?(fn -> LastKnown.known(id).settings == %{"a" => 1, "b" => 2} end)

    {:ok, _} = Client.end_session(id)
    assert_receive {Coatcheck, ^id, {:ended, _}}, 5000
    assert soon?(fn -> LastKnown.known(id).settings == %{} end)
  end

  # What is last known hears of a change by itself, a moment before this process or after it.
  defp soon?(check, left_ms \\ 5000) do
    cond do
      check.() -> true
      left_ms <= 0 -> false
      true -> Process.sleep(10) && soon?(check, left_ms - 10)
    end
  end
end
