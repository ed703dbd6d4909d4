defmodule Coatcheck.Session do
  @moduledoc """
  What is known of a session: its settings and of which state they are. A session that nobody has written yet is an empty
  one, so the first render needs no special case.

      iex> Coatcheck.Session.unwritten("9b2f7c1e-5d0a-4e0f-8a54-3f1f0c9d2b71").settings
      %{}

  `away?` is true where the service could not be asked, and this is what was known before: show it, and decide nothing
  by it that needs certainty. `ended` is the reason for which the session is over, in a view that has not been loaded
  anew yet. `follow` is the library's own.
  """

  alias Coatcheck.UUID

  @enforce_keys [:id]
  defstruct [
    :id,
    :subject,
    :etag,
    :expires_at,
    :ended,
    :follow,
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
          ended: String.t() | nil,
          away?: boolean,
          follow: Coatcheck.Follow.t() | nil
        }

  @typedoc "What `Coatcheck.Feed` tells of a session."
  @type event ::
          {:snapshot, t}
          | {:change,
             %{
               :revision => pos_integer,
               :set => map,
               :removed => [String.t()],
               :origin => String.t() | nil,
               optional(:etag) => String.t(),
               optional(:previous_etag) => String.t()
             }}
          | {:whole, %{revision: pos_integer, etag: String.t(), settings: map}}
          | {:ended, reason :: String.t()}
          | :missing
          | {:expiring, expires_at :: String.t()}

  @doc "A session that nobody has written yet."
  @spec unwritten(String.t()) :: t
  def unwritten(id), do: %__MODULE__{id: id}

  @doc "The session as the service writes it in an answer; `:error` if that is none."
  @spec from_answer(term) :: {:ok, t} | :error
  def from_answer(%{
        "id" => id,
        "settings" => settings,
        "etag" => etag,
        "revision" => revision,
        "subject" => subject,
        "createdAt" => created_at,
        "expiresAt" => expires_at
      })
      when is_map(settings) and is_binary(etag) and is_integer(revision) and revision >= 0 and
             (is_binary(subject) or is_nil(subject)) and is_binary(created_at) and is_binary(expires_at) do
    if UUID.valid?(id) do
      {:ok,
       %__MODULE__{
         id: id,
         settings: settings,
         subject: subject,
         etag: etag,
         revision: revision,
         created_at: created_at,
         expires_at: expires_at
       }}
    else
      :error
    end
  end

  def from_answer(_answer), do: :error
end

defimpl Inspect, for: Coatcheck.Session do
  import Inspect.Algebra

  def inspect(session, options) do
    shown =
      session |> Map.from_struct() |> Map.delete(:follow) |> Enum.reject(fn {_, value} -> value == nil end)

    concat(["#Coatcheck.Session<", to_doc(shown, options), ">"])
  end
end
