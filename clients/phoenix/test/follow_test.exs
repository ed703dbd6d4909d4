defmodule Coatcheck.FollowTest do
  @moduledoc """
  A view that writes and hears, in a world drawn at random: what the service has, the events on their way, others who write,
  readings that take their time. `mix test --seed N` draws the same again.
  """
  use ExUnit.Case, async: true
  alias Coatcheck.{Follow, Session}

  @worlds 400
  @steps 60
  @born "2026-01-01T00:00:00.000Z"

  # What the view alone writes, what others alone count, and what both write.
  @mine ["mine", "count"]
  @theirs "theirs"
  @both "both"

  defp world(options) do
    session = %{Session.unwritten("s") | created_at: @born}

    %{
      settings: %{},
      revision: 0,
      history: [{0, %{}}],
      wire: :queue.new(),
      view: Follow.begin(session, "view"),
      reading: nil,
      seq: 0,
      acknowledged: %{},
      counted: 0,
      loses?: options[:loses?] || false
    }
  end

  defp step(world) do
    case :rand.uniform(14) do
      n when n in 1..4 -> own_write(world)
      n when n in 5..6 -> foreign_write(world)
      n when n in 7..10 -> deliver(world)
      11 -> gap(world)
      12 -> go_on(world, Follow.ask(world.view))
      13 -> read_goes_on(world)
      14 -> if world.loses?, do: lose(world), else: deliver(world)
    end
  end

  defp own_write(world) do
    seq = world.seq + 1
    origin = Follow.origin(world.view, seq)

    {change, known?} =
      case :rand.uniform(5) do
        1 -> {{:put, %{"mine" => :rand.uniform(3)}}, true}
        2 -> {{:remove, ["mine"]}, :rand.uniform(2) == 1}
        3 -> {{:merge, %{"mine" => %{"a" => :rand.uniform(2)}, @both => nil}}, true}
        4 -> {{:put, %{"count" => (world.settings["count"] || 0) + 1}}, false}
        5 -> {{:put, %{@both => :rand.uniform(3)}}, true}
      end

    after_it = written(world, change, origin)
    # A take that finds nothing has changed nothing, and is no write.
    if not known? and after_it.revision == world.revision do
      world
    else
      write = %{
        seq: seq,
        origin: origin,
        change: change,
        revision: if(known?, do: after_it.revision)
      }

      acknowledged = Map.take(after_it.settings, @mine)
      %{after_it | seq: seq, view: Follow.wrote(after_it.view, write), acknowledged: acknowledged}
    end
  end

  defp foreign_write(world) do
    change =
      if :rand.uniform(2) == 1,
        do: {:put, %{@theirs => (world.settings[@theirs] || 0) + 1}},
        else: {:put, %{@both => 10 + :rand.uniform(3)}}

    written(world, change, Enum.random([nil, "view2.1", "job"]))
  end

  defp written(world, change, origin) do
    settings = Follow.over(world.settings, change)

    if settings == world.settings do
      world
    else
      set = Map.filter(settings, fn {key, value} -> Map.fetch(world.settings, key) != {:ok, value} end)
      removed = Map.keys(world.settings) -- Map.keys(settings)
      revision = world.revision + 1

      event =
        if :rand.uniform(6) == 1,
          do: {:whole, %{revision: revision, etag: "#{revision}-x", settings: settings}},
          else: {:change, %{revision: revision, set: set, removed: removed, origin: origin}}

      %{
        world
        | settings: settings,
          revision: revision,
          history: [{revision, settings} | world.history],
          wire: :queue.in(event, world.wire)
      }
    end
  end

  defp deliver(world) do
    case :queue.out(world.wire) do
      {{:value, event}, wire} -> hear(%{world | wire: wire}, event)
      {:empty, _} -> world
    end
  end

  # The line broke: some events are lost, and the feed reads what there is. A view may have read later than that.
  defp gap(world) do
    {_lost, kept} = :queue.split(min(:rand.uniform(4), :queue.len(world.wire)), world.wire)
    %{world | wire: :queue.in({:snapshot, snapshot(world)}, :queue.filter(fn _ -> false end, kept))}
  end

  defp snapshot(world) do
    %Session{id: "s", created_at: @born, settings: world.settings, revision: world.revision, etag: "x"}
  end

  defp hear(world, event), do: go_on(world, Follow.hear(world.view, event))

  # A reading is under way for a while, and reads at some moment in between.
  defp go_on(world, {:read, view}), do: %{world | view: view, reading: :asked}
  defp go_on(world, {_known, view}), do: %{world | view: view}

  defp read_goes_on(%{reading: :asked} = world), do: %{world | reading: snapshot(world)}
  defp read_goes_on(%{reading: nil} = world), do: world

  defp read_goes_on(%{reading: read} = world),
    do: go_on(%{world | reading: nil}, Follow.read(world.view, Enum.random([read, read, read, nil])))

  # A fail-over of the store: the last writes are gone, and what is written next has their revisions.
  defp lose(world) do
    # Never all of them, which is the end of a session.
    {revision, settings} = Enum.at(world.history, max(min(:rand.uniform(3), length(world.history) - 2), 0))
    history = Enum.drop_while(world.history, fn {one, _} -> one > revision end)
    gap(%{world | settings: settings, revision: revision, history: history, acknowledged: nil})
  end

  # Everything arrives, and what the view asked for is read.
  defp calm(world) do
    cond do
      not :queue.is_empty(world.wire) -> world |> deliver() |> calm()
      world.reading != nil -> world |> read_goes_on() |> calm()
      world.view.away? -> world |> go_on(Follow.ask(world.view)) |> calm()
      true -> world
    end
  end

  defp each_world(options, check) do
    seed = ExUnit.configuration()[:seed]

    for number <- 1..@worlds do
      :rand.seed(:exsss, {seed, number, 0})

      world =
        Enum.reduce(1..@steps, world(options), fn _, world ->
          next = step(world)
          check.(world, next, number)
          next
        end)

      world = calm(world)
      assert world.view.settings == world.settings, "world #{number} ends with what there is"
      assert world.view.follow.pending == [], "world #{number} has settled all writes"
      assert world.view.revision == world.revision
    end
  end

  test "what the view has written it shows, and what others write never steps back" do
    each_world([], fn before, now, number ->
      assert Map.take(now.view.settings, @mine) == now.acknowledged, "world #{number}: its own writes"

      assert (now.view.settings[@theirs] || 0) >= (before.view.settings[@theirs] || 0),
             "world #{number}: others' writes"

      assert now.view.revision >= before.view.revision
    end)
  end

  test "where a store loses writes, all ends with what is left" do
    each_world([loses?: true], fn _, _, _ -> :ok end)
  end

  test "ten increments in one event show the tenth, whatever comes meanwhile" do
    start = Follow.begin(%{Session.unwritten("s") | created_at: @born}, "view")
    write = &%{seq: &1, origin: "view.#{&1}", revision: nil, change: {:put, %{"n" => &1}}}
    echo = &{:change, %{revision: &1, set: %{"n" => &1}, removed: [], origin: "view.#{&1}"}}
    view = Enum.reduce(1..10, start, &Follow.wrote(&2, write.(&1)))

    shown =
      Enum.scan(1..10, view, fn n, view ->
        {:ok, view} = Follow.hear(view, echo.(n))
        view
      end)

    assert for(view <- [view | shown], uniq: true, do: view.settings) == [%{"n" => 10}]
    assert List.last(shown).follow.pending == []
  end

  test "a change of the next revision that goes on from another past is none: the session is read" do
    known =
      Follow.begin(%Session{id: "x", settings: %{"a" => 2}, revision: 5, etag: "5-a", created_at: @born})

    change = &{:change, %{revision: 6, etag: "6-c", previous_etag: &1, set: %{"b" => 1}, removed: []}}
    assert {:read, %Session{settings: %{"a" => 2}}} = Follow.hear(known, change.("5-b"))
    assert {:ok, %Session{settings: %{"a" => 2, "b" => 1}, etag: "6-c"}} = Follow.hear(known, change.("5-a"))

    assert {:ok, %Session{revision: 1}} =
             Follow.hear(
               Follow.begin(Session.unwritten("x")),
               {:change, %{revision: 1, etag: "1-a", previous_etag: "0", set: %{}, removed: []}}
             )
  end

  test "another change of the revision that is known comes from another past: the session is read" do
    known =
      Follow.begin(%Session{id: "x", settings: %{"a" => 2}, revision: 5, etag: "5-a", created_at: @born})

    change = &{:change, %{revision: 5, etag: &1, previous_etag: "4-b", set: %{"b" => 1}, removed: []}}
    assert {:read, %Session{settings: %{"a" => 2}}} = Follow.hear(known, change.("5-b"))
    assert Follow.hear(known, change.("5-a")) == {:ok, known}
  end

  test "what is older than what is known changes nothing" do
    known = Follow.begin(%Session{id: "x", settings: %{"a" => 2}, revision: 5, created_at: "2026-01-02"})
    assert Follow.hear(known, {:change, %{revision: 5, set: %{"a" => 1}, removed: []}}) == {:ok, known}
    assert Follow.hear(known, {:whole, %{revision: 5, etag: "x", settings: %{}}}) == {:ok, known}

    for older <- [%{revision: 4, settings: %{}}, %{revision: 9, created_at: "2026-01-01"}] do
      {:read, read} = Follow.hear(known, {:snapshot, Map.merge(known, older)})
      assert {read.settings, read.revision} == {known.settings, 5}
    end

    # Another life of the session begins to count anew.
    life = %{known | revision: 1, settings: %{"b" => 1}, created_at: "2026-01-03"}
    assert {:ok, %Session{revision: 1, settings: %{"b" => 1}}} = Follow.hear(known, {:snapshot, life})
  end

  test "a session that is read and is there no more is over" do
    known = Follow.begin(%Session{id: "x", settings: %{"a" => 2}, revision: 5, created_at: "2026-01-02"})
    assert {:read, %Session{ended: nil} = asked} = Follow.hear(known, :missing)
    assert {:ok, %Session{ended: "idle"}} = Follow.read(asked, Session.unwritten("x"))
    assert {:ok, %Session{ended: "revoked"}} = Follow.hear(known, {:ended, "revoked"})
    fresh = Follow.begin(Session.unwritten("x"))
    assert {:ok, %Session{ended: nil}} = Follow.hear(fresh, :missing)
  end

  test "an own echo is told from a stranger's, whose name begins alike" do
    view = Follow.begin(Session.unwritten("x"), "view-a")
    assert Follow.echo?(view, {:change, %{origin: "view-a.7"}})
    refute Follow.echo?(view, {:change, %{origin: "view-ab.7"}})
    refute Follow.echo?(view, {:change, %{origin: nil}})
  end
end
