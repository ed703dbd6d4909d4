defmodule Coatcheck.Follow do
  @moduledoc """
  How a view follows its session, without a step back: what the service has told, and over it the view's own writes until
  what is told has caught up with them. Pure functions; `Coatcheck.LiveView` calls them.

      session = Coatcheck.Follow.begin(Coatcheck.Session.unwritten(id), "view")
      session = Coatcheck.Follow.wrote(session, %{seq: 1, origin: "view.1", revision: 4, change: {:put, %{"a" => 1}}})
      {:ok, session} = Coatcheck.Follow.hear(session, {:change, %{revision: 1, set: %{"a" => 0}, removed: []}})
      session.settings == %{"a" => 1}

  A write is settled once the revision that it made has been told. Where its answer does not say which that is
  (`increment`, `take`), the echo does, by the write's `origin`; or a reading of the session that began after it.

  What answers `{:read, session}` asks for such a reading: the caller begins it, goes on meanwhile, and hands the result to
  `read/2`. Until then what is told waits (`:later`), so that it is known of each event whether the reading has it. There is
  one reading at a time.
  """

  alias Coatcheck.Session

  defstruct [:origin, :reading, stored: %{}, pending: []]

  @type change :: {:put, map} | {:remove, [String.t()]} | {:merge, map}
  @typedoc "`seq` grows with each write of the view."
  @type write :: %{
          seq: integer,
          origin: String.t() | nil,
          revision: pos_integer | nil,
          change: change
        }
  @typedoc "`reading`: up to which write it has all of them, and what was told meanwhile, the latest first."
  @type t :: %__MODULE__{
          origin: String.t() | nil,
          reading: %{seq: integer, meanwhile: [Session.event()]} | nil,
          stored: map,
          pending: [write]
        }
  @type result :: {:ok | :read | :later, Session.t()}

  @doc "From now on it is followed. The view's writes have origins that begin with its own."
  @spec begin(Session.t(), String.t() | nil) :: Session.t()
  def begin(session, origin \\ nil),
    do: %{session | follow: %__MODULE__{origin: origin, stored: session.settings}}

  @doc "The origin of a write."
  @spec origin(Session.t(), integer) :: String.t() | nil
  def origin(%Session{follow: %{origin: "" <> origin}}, seq), do: "#{origin}.#{seq}"
  def origin(_session, _seq), do: nil

  @doc "Whether an event is the echo of a write of the view's."
  @spec echo?(Session.t(), Session.event()) :: boolean
  def echo?(%Session{follow: %{origin: "" <> own}}, {:change, %{origin: "" <> origin}}),
    do: String.starts_with?(origin, own <> ".")

  def echo?(_session, _event), do: false

  @doc "A write of one's own was done. Where nobody follows, its change is all there is to know."
  @spec wrote(Session.t(), write) :: Session.t()
  def wrote(%Session{follow: nil} = session, write),
    do: %{session | settings: over(session.settings, write.change)}

  def wrote(session, write), do: keep(session, Enum.sort_by([write | session.follow.pending], & &1.seq))

  @doc """
  What is known after an event. One that is older than what is known changes nothing, so that a reader may listen first
  and read then.
  """
  @spec hear(Session.t(), Session.event()) :: result
  def hear(session, {:ended, reason}), do: {:ok, %{session | ended: reason}}
  def hear(session, {:expiring, expires_at}), do: {:ok, %{session | expires_at: expires_at}}

  def hear(%Session{follow: %{reading: %{meanwhile: told}}} = session, event),
    do: {:later, put_in(session.follow.reading.meanwhile, [event | told])}

  def hear(session, {:change, %{revision: revision} = change}) do
    session = learn(session, change[:origin], revision)

    cond do
      other_past?(change, session) ->
        ask(session)

      revision <= session.revision ->
        {:ok, session}

      follows?(change, session) ->
        stored = session.follow.stored |> Map.drop(change.removed) |> Map.merge(change.set)
        {:ok, told(%{session | revision: revision, etag: change[:etag]}, stored)}

      # Something was missed.
      true ->
        ask(session)
    end
  end

  def hear(session, {:whole, %{revision: revision} = whole}) do
    session =
      if revision > session.revision,
        do: told(%{session | revision: revision, etag: whole.etag}, whole.settings),
        else: session

    # It does not say whose write it was.
    if Enum.any?(session.follow.pending, &(&1.revision == nil)), do: ask(session), else: {:ok, session}
  end

  # It comes after a gap: what was to be told of a write may be lost. If it is older, the store may have lost writes.
  def hear(session, {:snapshot, read}) do
    older? = older?(read, session)
    session = if older?, do: session, else: adopt(session, read)
    if older? or session.follow.pending != [], do: ask(session), else: {:ok, session}
  end

  def hear(%Session{revision: 0} = session, :missing), do: {:ok, session}
  def hear(session, :missing), do: ask(session)

  @doc "It has to be read."
  @spec ask(Session.t()) :: result
  def ask(%Session{follow: %{reading: nil, pending: pending}} = session) do
    seq = if pending == [], do: 0, else: List.last(pending).seq
    {:read, put_in(session.follow.reading, %{seq: seq, meanwhile: []})}
  end

  def ask(session), do: {:ok, session}

  @doc """
  What is known after the reading that was asked for; nil if it failed. It has all that was known when it began, unless the
  store has lost writes, and then it has the last word.
  """
  @spec read(Session.t(), Session.t() | nil) :: result
  def read(%Session{follow: %{reading: began}} = session, read) do
    session = put_in(session.follow.reading, nil)

    cond do
      read == nil ->
        replay(%{session | away?: true}, began.meanwhile)

      # A session that was there is over by one of its clocks.
      read.revision == 0 and session.revision > 0 ->
        {:ok, %{session | ended: "idle", away?: false}}

      true ->
        pending = Enum.reject(session.follow.pending, &(&1.seq <= began.seq))
        session |> keep(pending) |> adopt(read) |> replay(began.meanwhile)
    end
  end

  defp replay(session, meanwhile) do
    List.foldr(meanwhile, {:ok, session}, fn event, {what_next, session} ->
      case hear(session, event) do
        {:read, session} -> {:read, session}
        {_known, session} -> {what_next, session}
      end
    end)
  end

  # Revisions alone do not tell: after a fail-over that lost writes there may be another change of the same revision.
  defp other_past?(%{revision: revision, etag: "" <> told}, %{revision: revision, etag: "" <> known}),
    do: told != known

  defp other_past?(_change, _session), do: false

  defp follows?(%{previous_etag: "" <> previous}, %{etag: "" <> etag}), do: previous == etag
  defp follows?(%{previous_etag: "" <> previous}, %{revision: 0}), do: previous == "0"
  defp follows?(change, session), do: change.revision == session.revision + 1

  defp adopt(session, read),
    do: told(%{read | follow: session.follow, ended: session.ended}, read.settings)

  # Where the life is not known, as of a session that was begun by a write of which the feed has told, revisions decide.
  defp older?(read, %{created_at: created_at} = known) when created_at in ["", read.created_at],
    do: read.revision < known.revision

  defp older?(read, known), do: read.created_at < known.created_at

  defp learn(session, nil, _revision), do: session

  defp learn(session, origin, revision) do
    keep(
      session,
      for(write <- session.follow.pending) do
        if write.origin == origin, do: %{write | revision: revision}, else: write
      end
    )
  end

  defp told(session, stored), do: keep(put_in(session.follow.stored, stored), session.follow.pending)

  # Shows what is told and over it what is not settled. A view's writes are done one after the other: with one of them all
  # before it are settled.
  defp keep(session, pending) do
    settled? = &(&1.revision != nil and &1.revision <= session.revision)
    pending = pending |> Enum.reverse() |> Enum.take_while(&(not settled?.(&1))) |> Enum.reverse()
    follow = %{session.follow | pending: pending}
    %{session | follow: follow, settings: Enum.reduce(pending, follow.stored, &over(&2, &1.change))}
  end

  @doc "The settings after a change."
  @spec over(map, change) :: map
  def over(settings, {:put, set}), do: Map.merge(settings, set)
  def over(settings, {:remove, keys}), do: Map.drop(settings, keys)
  def over(settings, {:merge, patch}), do: merged(settings, patch)

  # RFC 7396.
  defp merged(target, patch) when is_map(patch) do
    Enum.reduce(patch, if(is_map(target), do: target, else: %{}), fn
      {key, nil}, target -> Map.delete(target, key)
      {key, value}, target -> Map.put(target, key, merged(target[key], value))
    end)
  end

  defp merged(_target, value), do: value
end
