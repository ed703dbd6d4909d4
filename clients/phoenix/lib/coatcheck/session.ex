defmodule Coatcheck.Session do
  @moduledoc """
  What is known of a session: its settings and of which state they are. A session that nobody has written yet is an empty
  one, so the first render needs no special case.

      iex> Coatcheck.Session.unwritten("9b2f7c1e-5d0a-4e0f-8a54-3f1f0c9d2b71").settings
      %{}

  `away?` is true where the service could not be asked, and this is what was known before: show it, and decide nothing
  by it that needs certainty.
  """

  @enforce_keys [:id]
  defstruct [
    :id,
    :subject,
    :etag,
    :expires_at,
    :origin,
    settings: %{},
    revision: 0,
    created_at: "",
    away?: false
  ]

  @type t :: %__MODULE__{
          id: String.t(),
          settings: %{optional(String.t()) => term},
          subject: String.t() | nil,
          etag: String.t() | nil,
          revision: non_neg_integer,
          created_at: String.t(),
          expires_at: String.t() | nil,
          origin: String.t() | nil,
          away?: boolean
        }

  @typedoc "What `Coatcheck.Feed` tells of a session."
  @type event ::
          {:snapshot, t}
          | {:change, %{revision: pos_integer, set: map, removed: [String.t()], origin: String.t() | nil}}
          | {:whole, %{revision: pos_integer, etag: String.t(), settings: map}}
          | {:ended, reason :: String.t()}
          | :missing
          | {:expiring, expires_at :: String.t()}

  @spec unwritten(String.t()) :: t
  def unwritten(id), do: %__MODULE__{id: id}

  @doc "The session as the service writes it in an answer."
  @spec from_answer(map) :: t
  def from_answer(%{"id" => id, "settings" => settings} = answer) do
    %__MODULE__{
      id: id,
      settings: settings,
      subject: answer["subject"],
      etag: answer["etag"],
      revision: answer["revision"] || 0,
      created_at: answer["createdAt"] || "",
      expires_at: answer["expiresAt"]
    }
  end

  @doc """
  What is known after an event. One that is older than what is known already changes nothing, so that a reader may listen
  first and read then.
  """
  @spec hear(t, event) :: t
  def hear(session, {:snapshot, read}) do
    if {read.created_at, read.revision} >= {session.created_at, session.revision} do
      %{read | origin: session.origin}
    else
      session
    end
  end

  def hear(session, {:change, %{revision: revision} = change}) when revision > session.revision do
    settings = session.settings |> Map.drop(change.removed) |> Map.merge(change.set)
    %{session | settings: settings, revision: revision, etag: change[:etag]}
  end

  def hear(session, {:whole, %{revision: revision} = whole}) when revision > session.revision do
    %{session | settings: whole.settings, revision: revision, etag: whole.etag}
  end

  def hear(session, {:expiring, expires_at}), do: %{session | expires_at: expires_at}
  def hear(session, _event), do: session

  @doc """
  What is known after a write of one's own. The revision stays: what others wrote before it is still to be heard, and so is
  the echo of this write, which has the last word.
  """
  @spec wrote(t, map, [String.t()]) :: t
  def wrote(session, set, removed \\ []) do
    %{session | settings: session.settings |> Map.drop(removed) |> Map.merge(set)}
  end
end
