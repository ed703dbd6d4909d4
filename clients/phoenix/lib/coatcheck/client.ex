defmodule Coatcheck.Client do
  @moduledoc """
  The calls of the service as plain functions, for jobs and whatever else has no visitor at hand. A live view or a
  controller has it shorter with `Coatcheck`.

      {:ok, _etag} = Coatcheck.Client.put(id, "theme", "dark")
      {:ok, %Coatcheck.Session{settings: %{"theme" => "dark"}}} = Coatcheck.Client.get(id)

  Every function takes the options of `Coatcheck.Config` as its last argument, and answers `{:ok, …}` or
  `{:error, %Coatcheck.Error{}}`. A session that was never written is an empty one. `origin: "…"` with a write names the
  writer, who can then pass over the echo.
  """

  alias Coatcheck.{Error, Request, Session}

  @type id :: String.t()
  @type key :: String.t() | atom
  @type etag :: String.t() | nil
  @type result(value) :: {:ok, value} | {:error, Error.t()}

  @doc "The session with its settings. `touch: false` looks without using it."
  @spec get(id, keyword) :: result(Session.t())
  def get(id, options \\ []) do
    query = if options[:touch] == false, do: "?touch=false", else: ""

    case Request.call(:get, session(id) <> query, [], options) do
      {:ok, %{body: body}} -> {:ok, Session.from_answer(body)}
      {:error, %Error{code: "session_not_found"}} -> {:ok, Session.unwritten(id)}
      {:error, error} -> {:error, error}
    end
  end

  @doc "Puts one key; the others stay as they are. Answers the key's own ETag."
  @spec put(id, key, term, keyword) :: result(etag)
  def put(id, key, value, options \\ []),
    do: Request.call(:put, key(id, key), [json: value], options) |> etag()

  @doc """
  Puts several keys in one step, as a merge patch (RFC 7396): `nil` removes, and an object is merged into the one there.
  """
  @spec patch(id, map, keyword) :: result(etag)
  def patch(id, changes, options \\ []) do
    sent = [json: changes, type: "application/merge-patch+json"]
    Request.call(:patch, settings(id), sent, options) |> etag()
  end

  @doc "Applies a JSON Patch (RFC 6902). `if_match: \"*\"` refuses it unless the settings were written before."
  @spec json_patch(id, [map], keyword) :: result(etag)
  def json_patch(id, operations, options \\ []) do
    headers = if options[:if_match], do: [{"if-match", options[:if_match]}], else: []
    sent = [json: operations, type: "application/json-patch+json", headers: headers]
    Request.call(:patch, settings(id), sent, options) |> etag()
  end

  @doc "Removes one key. That it is not there is no error."
  @spec delete(id, key, keyword) :: result(nil)
  def delete(id, key, options \\ []) do
    case Request.call(:delete, key(id, key), [], options) do
      {:ok, _} -> {:ok, nil}
      {:error, %Error{status: 404}} -> {:ok, nil}
      {:error, error} -> {:error, error}
    end
  end

  @doc "Reads and removes in one step: of all who ask exactly one gets it. The others: `key_not_found`."
  @spec take(id, key, keyword) :: result(term)
  def take(id, key, options \\ []) do
    with {:ok, answer} <- Request.call(:post, key(id, key) <> "/take", [json: %{}], options) do
      {:ok, answer.body["value"]}
    end
  end

  @doc "Adds to a number, where absent counts as 0, and answers the sum."
  @spec increment(id, key, number, keyword) :: result(number)
  def increment(id, key, by \\ 1, options \\ []) do
    with {:ok, answer} <- Request.call(:post, key(id, key) <> "/increment", [json: %{by: by}], options) do
      {:ok, answer.body["value"]}
    end
  end

  @doc "Slides the idle clock, for a page that is open and in use."
  @spec touch(id, keyword) :: result(nil)
  def touch(id, options \\ []),
    do: Request.call(:post, session(id) <> "/touch", [json: %{}], options) |> done()

  @doc "Ends the session: a log-out. Done also where there is none."
  @spec end_session(id, keyword) :: result(nil)
  def end_session(id, options \\ []), do: Request.call(:delete, session(id), [], options) |> done()

  @doc "Moves the session to a new id, and binds it with `subject:`: a login on the HTTP side."
  @spec rotate(id, keyword) :: result(Session.t())
  def rotate(id, options \\ []) do
    with {:ok, answer} <-
           Request.call(:post, session(id) <> "/rotate", [json: asked(options, [:subject])], options) do
      {:ok, Session.from_answer(answer.body)}
    end
  end

  @doc "A one-time code of the session: `subject:`, `payload:`, `expires_in_seconds:` (60)."
  @spec handoff(id, keyword) :: result(%{code: String.t(), expires_at: String.t()})
  def handoff(id, options \\ []) do
    asked = asked(options, [:subject, :payload, :expires_in_seconds])

    with {:ok, %{body: body}} <- Request.call(:post, session(id) <> "/handoffs", [json: asked], options) do
      {:ok, %{code: body["code"], expires_at: body["expiresAt"]}}
    end
  end

  @doc """
  Redeems a code, together with the session id in the visitor's own cookie. Repeated within 60 s with the same id, it gets
  the same session again: a visitor whose answer was lost may reload.
  """
  @spec redeem(String.t(), id, keyword) :: result(%{payload: term, session: Session.t()})
  def redeem(code, id, options \\ []) do
    same = :crypto.hash(:sha256, ["redeem\0", code, 0, id]) |> Base.url_encode64(padding: false)
    sent = [json: %{code: code, sessionId: id}]

    with {:ok, %{body: body}} <-
           Request.call(:post, "/v1/handoffs/redeem", sent, [{:idempotency_key, same} | options]) do
      {:ok, %{payload: body["payload"], session: Session.from_answer(body["session"])}}
    end
  end

  @doc "Mints a session token: `scope:` (a list or a text), `keys:` (`%{read: […], write: […]}`), `expires_in_seconds:`."
  @spec token(id, keyword) :: result(%{access_token: String.t(), expires_in: pos_integer, scope: String.t()})
  def token(id, options \\ []) do
    asked = asked(options, [:scope, :keys, :expires_in_seconds])
    asked = if is_list(asked[:scope]), do: %{asked | scope: Enum.join(asked.scope, " ")}, else: asked

    with {:ok, %{body: body}} <- Request.call(:post, session(id) <> "/tokens", [json: asked], options) do
      {:ok, %{access_token: body["access_token"], expires_in: body["expires_in"], scope: body["scope"]}}
    end
  end

  @doc "Many sessions at once, at most 100. It is no use of them."
  @spec batch([id], keyword) ::
          result(%{sessions: [Session.t()], missing: [id], gone: [{id, reason :: String.t()}]})
  def batch(ids, options \\ []) do
    with {:ok, %{body: body}} <- Request.call(:post, "/v1/sessions/batch", [json: %{ids: ids}], options) do
      sessions = for {_id, session} <- body["sessions"], do: Session.from_answer(session)

      {:ok,
       %{
         sessions: sessions,
         missing: body["missing"],
         gone: for(one <- body["gone"], do: {one["id"], one["reason"]})
       }}
    end
  end

  @doc "Where a user is logged in, all parts of the list together."
  @spec subject_sessions(String.t(), keyword) :: result([Session.t()])
  def subject_sessions(subject, options \\ []), do: subject_part(subject, "", [], options)

  @doc "Logs a user out everywhere, but for the session `except:`. Answers how many sessions lived."
  @spec end_subject(String.t(), keyword) :: result(non_neg_integer)
  def end_subject(subject, options \\ []) do
    query = if options[:except], do: "?except=" <> segment(options[:except]), else: ""

    with {:ok, %{body: body}} <- Request.call(:delete, subject(subject) <> query, [], options) do
      {:ok, body["ended"]}
    end
  end

  defp subject_part(subject, query, before, options) do
    with {:ok, %{body: body}} <- Request.call(:get, subject(subject) <> query, [], options) do
      all = before ++ Enum.map(body["sessions"], &Session.from_answer(Map.put_new(&1, "settings", %{})))
      if body["next"], do: subject_part(subject, "?cursor=" <> body["next"], all, options), else: {:ok, all}
    end
  end

  @names %{expires_in_seconds: :expiresInSeconds}

  defp asked(options, names) do
    for {name, value} <- Keyword.take(options, names),
        value != nil,
        into: %{},
        do: {Map.get(@names, name, name), value}
  end

  defp etag({:ok, answer}), do: {:ok, answer.headers["etag"] && String.trim(answer.headers["etag"], "\"")}
  defp etag({:error, error}), do: {:error, error}

  defp done({:ok, _answer}), do: {:ok, nil}
  defp done({:error, error}), do: {:error, error}

  defp session(id), do: "/v1/sessions/" <> segment(id)
  defp settings(id), do: session(id) <> "/settings"
  defp key(id, key), do: settings(id) <> "/" <> segment(to_string(key))
  defp subject(subject), do: "/v1/subjects/" <> segment(subject) <> "/sessions"

  defp segment(text), do: URI.encode(text, &URI.char_unreserved?/1)
end
