defmodule Coatcheck.Answer do
  @moduledoc """
  An answer of the service, and what each call makes of its own: a result where status and shape are those that the
  service documents for it, `:error` for everything else.

      Coatcheck.Answer.written(%Coatcheck.Answer{status: 204, headers: %{"etag" => ~s("3-abcdefgh")}, body: nil})
  """

  alias Coatcheck.{Error, JSON, Session, UUID}

  @enforce_keys [:status, :headers, :body]
  defstruct @enforce_keys

  @type t :: %__MODULE__{status: pos_integer, headers: map, body: term}
  @type read(result) :: {:ok, result} | :error

  @doc "The answer, if it is one of the service; what refuses the call is an error of it."
  @spec new(pos_integer, map, binary) :: {:ok, t} | {:error, Error.t()} | :error
  def new(status, %{"coatcheck-version" => "1"} = headers, text) do
    with {:ok, body} <- decoded(text) do
      cond do
        status in 200..299 -> {:ok, %__MODULE__{status: status, headers: headers, body: body}}
        status >= 400 -> with {:ok, error} <- Error.from_problem(status, headers, body), do: {:error, error}
        true -> :error
      end
    end
  end

  def new(_status, _headers, _text), do: :error

  defp decoded(""), do: {:ok, nil}
  defp decoded(text), do: JSON.decode(text)

  @doc "Done, and nothing to say."
  @spec nothing(t) :: read(nil)
  def nothing(%{status: 204, body: nil}), do: {:ok, nil}
  def nothing(_answer), do: :error

  @doc "A write of settings: their new ETag."
  @spec written(t) :: read(String.t())
  def written(%{status: status, body: nil, headers: headers}) when status in [201, 204] do
    case Regex.run(~r/\A(?:W\/)?"(\d+(?:-[\w~-]+)?)"\z/, headers["etag"] || "") do
      [_, etag] -> {:ok, etag}
      nil -> :error
    end
  end

  def written(_answer), do: :error

  @doc "The value of `take`, and of `increment` if it is a number."
  @spec value(t) :: read(term)
  def value(%{status: 200, body: %{"value" => value} = body}) when map_size(body) == 1, do: {:ok, value}
  def value(_answer), do: :error

  @doc "What `increment` came to."
  @spec sum(t) :: read(number)
  def sum(answer) do
    with {:ok, value} <- value(answer), do: if(is_number(value), do: {:ok, value}, else: :error)
  end

  @doc "The session that was asked for, and no other."
  @spec session(t, String.t()) :: read(Session.t())
  def session(%{status: 200, body: body}, id) do
    with {:ok, session} <- Session.from_answer(body),
         true <- session.id == String.downcase(id) do
      {:ok, session}
    else
      _ -> :error
    end
  end

  def session(_answer, _id), do: :error

  @doc "Until when it lasts, of a session that was touched."
  @spec expiry(t, String.t()) :: read(String.t())
  def expiry(%{status: 200, body: %{"id" => id, "expiresAt" => at}}, asked) when is_binary(at) do
    if id == String.downcase(asked), do: {:ok, at}, else: :error
  end

  def expiry(_answer, _id), do: :error

  @doc "A session under its new id."
  @spec moved(t) :: read(Session.t())
  def moved(%{status: 201, body: body}), do: Session.from_answer(body)
  def moved(_answer), do: :error

  @doc "A one-time code."
  @spec code(t) :: read(%{code: String.t(), expires_at: String.t()})
  def code(%{status: 201, body: %{"code" => code, "expiresAt" => at}}) when is_binary(code) and is_binary(at),
    do: {:ok, %{code: code, expires_at: at}}

  def code(_answer), do: :error

  @doc "What a code was worth."
  @spec redeemed(t) :: read(%{payload: term, session: Session.t()})
  def redeemed(%{status: 200, body: %{"payload" => payload, "session" => session}}) do
    with {:ok, session} <- Session.from_answer(session), do: {:ok, %{payload: payload, session: session}}
  end

  def redeemed(_answer), do: :error

  @doc "A session token."
  @spec token(t) :: read(map)
  def token(%{status: 201, body: %{"access_token" => token, "expires_in" => seconds, "scope" => scope}})
      when is_binary(token) and is_integer(seconds) and is_binary(scope),
      do: {:ok, %{access_token: token, expires_in: seconds, scope: scope}}

  def token(_answer), do: :error

  @doc "What many sessions are."
  @spec batch(t) :: read(map)
  def batch(%{status: 200, body: %{"sessions" => sessions, "missing" => missing, "gone" => gone}})
      when is_map(sessions) and is_list(missing) and is_list(gone) do
    with {:ok, sessions} <- all(Map.values(sessions), &Session.from_answer/1),
         {:ok, missing} <- all(missing, &id/1),
         {:ok, gone} <- all(gone, &gone/1) do
      {:ok, %{sessions: sessions, missing: missing, gone: gone}}
    end
  end

  def batch(_answer), do: :error

  @doc "A part of a user's sessions, and where the next begins."
  @spec listed(t) :: read({[Session.t()], String.t() | nil})
  def listed(%{status: 200, body: %{"sessions" => sessions} = body}) when is_list(sessions) do
    next = body["next"]

    with {:ok, sessions} <- all(sessions, &Session.from_answer/1) do
      if next == nil or is_binary(next), do: {:ok, {sessions, next}}, else: :error
    end
  end

  def listed(_answer), do: :error

  @doc "How many sessions of a user were ended."
  @spec ended(t) :: read(non_neg_integer)
  def ended(%{status: 200, body: %{"ended" => count}}) when is_integer(count) and count >= 0, do: {:ok, count}
  def ended(_answer), do: :error

  defp id(id), do: if(UUID.valid?(id), do: {:ok, id}, else: :error)

  defp gone(%{"id" => id, "reason" => reason}) when is_binary(reason),
    do: with({:ok, id} <- id(id), do: {:ok, {id, reason}})

  defp gone(_one), do: :error

  defp all(list, read) do
    read = Enum.map(list, read)
    if Enum.all?(read, &match?({:ok, _}, &1)), do: {:ok, for({:ok, one} <- read, do: one)}, else: :error
  end
end
