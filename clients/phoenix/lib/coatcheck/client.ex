defmodule Coatcheck.Client do
  @moduledoc """
  The calls of the service as plain functions, for jobs and whatever else has no visitor at hand. A live view or a
  controller has it shorter with `Coatcheck`.

      {:ok, _etag} = Coatcheck.Client.put(id, "theme", "dark")
      {:ok, %Coatcheck.Session{settings: %{"theme" => "dark"}}} = Coatcheck.Client.get(id)

  Every function takes the options of `Coatcheck.Config` as its last argument, and answers `{:ok, …}` or
  `{:error, %Coatcheck.Error{}}`. `origin: "…"` with a write names the writer, who can then pass over the echo.

  Nothing there is no error, and the same everywhere: a session that was never written reads as an empty one, deleting
  from it is done, and what is taken from it is `key_not_found`, as of a session without that key.
  """

  alias Coatcheck.{Answer, Config, Error, Request, Session}

  @type id :: String.t()
  @type key :: String.t() | atom
  @type etag :: String.t()
  @type result(value) :: {:ok, value} | {:error, Error.t()}

  @doc "The session with its settings. `touch: false` looks without using it."
  @spec get(id, keyword) :: result(Session.t())
  def get(id, options \\ []) do
    {own, options} = own(options, [:touch])
    query = if own[:touch] == false, do: "?touch=false", else: ""

    case Request.call(:get, :get, session(id) <> query, [read: &Answer.session(&1, id)], options) do
      {:error, %Error{code: "session_not_found"}} -> {:ok, Session.unwritten(id)}
      answered -> answered
    end
  end

  @doc "Puts one key; the others stay as they are. Answers the new ETag of the settings."
  @spec put(id, key, term, keyword) :: result(etag)
  def put(id, key, value, options \\ []) do
    json_patch(:put, id, [%{op: "add", path: pointer(key), value: value}], [], options)
  end

  @doc """
  Puts several keys in one step, as a merge patch (RFC 7396): `nil` removes, and an object is merged into the one there.
  """
  @spec patch(id, map, keyword) :: result(etag)
  def patch(id, changes, options \\ []) do
    sent = [json: changes, type: "application/merge-patch+json", read: &Answer.written/1]
    Request.call(:patch, :patch, settings(id), sent, options)
  end

  @doc "Applies a JSON Patch (RFC 6902). `if_match: \"*\"` refuses it unless the settings were written before."
  @spec json_patch(id, [map], keyword) :: result(etag)
  def json_patch(id, operations, options \\ []) do
    {own, options} = own(options, [:if_match])
    headers = if own[:if_match], do: [{"if-match", own[:if_match]}], else: []
    json_patch(:json_patch, id, operations, headers, options)
  end

  @doc "Removes one key, and answers the new ETag of the settings. That it is not there is no error: then it is nil."
  @spec delete(id, key, keyword) :: result(etag | nil)
  def delete(id, key, options \\ []) do
    case json_patch(:delete, id, [%{op: "remove", path: pointer(key)}], [], options) do
      {:error, %Error{code: code}} when code in ["path_not_found", "session_not_found"] -> {:ok, nil}
      answered -> answered
    end
  end

  @doc """
  Reads and removes in one step: of all who ask exactly one gets it. The others get `key_not_found`, as does whoever asks
  in a session that was never written.
  """
  @spec take(id, key, keyword) :: result(term)
  def take(id, key, options \\ []) do
    case by_key(:take, id, key, %{}, &Answer.value/1, options) do
      {:error, %Error{code: "session_not_found"}} -> {:error, Error.key_not_found()}
      answered -> answered
    end
  end

  @doc "Adds to a number, where absent counts as 0, and answers the sum."
  @spec increment(id, key, number, keyword) :: result(number)
  def increment(id, key, by \\ 1, options \\ []),
    do: by_key(:increment, id, key, %{by: by}, &Answer.sum/1, options)

  @doc """
  Slides the idle clock, for a page that is open and in use. Answers until when the session lasts (RFC 3339); nil where
  nothing was written yet.
  """
  @spec touch(id, keyword) :: result(String.t() | nil)
  def touch(id, options \\ []) do
    sent = [json: %{}, read: &Answer.expiry(&1, id)]

    case Request.call(:touch, :post, session(id) <> "/touch", sent, options) do
      {:error, %Error{code: "session_not_found"}} -> {:ok, nil}
      answered -> answered
    end
  end

  @doc "Ends the session: a log-out. Done also where there is none."
  @spec end_session(id, keyword) :: result(nil)
  def end_session(id, options \\ []),
    do: Request.call(:end_session, :delete, session(id), [read: &Answer.nothing/1], options)

  @doc "Moves the session to a new id, and binds it with `subject:`: a login on the HTTP side."
  @spec rotate(id, keyword) :: result(Session.t())
  def rotate(id, options \\ []) do
    {own, options} = own(options, [:subject])
    sent = [json: asked(own), read: &Answer.moved/1]
    Request.call(:rotate, :post, session(id) <> "/rotate", sent, options)
  end

  @doc "A one-time code of the session: `subject:`, `payload:`, `expires_in_seconds:` (60)."
  @spec handoff(id, keyword) :: result(%{code: String.t(), expires_at: String.t()})
  def handoff(id, options \\ []) do
    {own, options} = own(options, [:subject, :payload, :expires_in_seconds])
    sent = [json: asked(own), read: &Answer.code/1]
    Request.call(:handoff, :post, session(id) <> "/handoffs", sent, options)
  end

  @doc """
  Redeems a code, together with the session id in the visitor's own cookie. Repeated within 60 s with the same id, it gets
  the same session again: a visitor whose answer was lost may reload.
  """
  @spec redeem(String.t(), id, keyword) :: result(%{payload: term, session: Session.t()})
  def redeem(code, id, options \\ []) do
    same = :crypto.hash(:sha256, ["redeem\0", code, 0, id]) |> Base.url_encode64(padding: false)
    sent = [json: %{code: code, sessionId: id}, read: &Answer.redeemed/1]
    Request.call(:redeem, :post, "/v1/handoffs/redeem", sent, [{:idempotency_key, same} | options])
  end

  @doc "Mints a session token: `scope:` (a list or a text), `keys:` (`%{read: […], write: […]}`), `expires_in_seconds:`."
  @spec token(id, keyword) :: result(%{access_token: String.t(), expires_in: pos_integer, scope: String.t()})
  def token(id, options \\ []) do
    {own, options} = own(options, [:scope, :keys, :expires_in_seconds])
    asked = asked(own)
    asked = if is_list(asked[:scope]), do: %{asked | scope: Enum.join(asked.scope, " ")}, else: asked
    Request.call(:token, :post, session(id) <> "/tokens", [json: asked, read: &Answer.token/1], options)
  end

  @doc "Many sessions at once, at most 100. It is no use of them."
  @spec batch([id], keyword) ::
          result(%{sessions: [Session.t()], missing: [id], gone: [{id, reason :: String.t()}]})
  def batch(ids, options \\ []),
    do: Request.call(:batch, :post, "/v1/sessions/batch", [json: %{ids: ids}, read: &Answer.batch/1], options)

  @doc "Where a user is logged in, all parts of the list together."
  @spec subject_sessions(String.t(), keyword) :: result([Session.t()])
  def subject_sessions(subject, options \\ []), do: subject_part(subject, "", [], options)

  @doc "Logs a user out everywhere, but for the session `except:`. Answers how many sessions lived."
  @spec end_subject(String.t(), keyword) :: result(non_neg_integer)
  def end_subject(subject, options \\ []) do
    {own, options} = own(options, [:except])
    query = if own[:except], do: "?except=" <> segment(own[:except]), else: ""
    Request.call(:end_subject, :delete, subject(subject) <> query, [read: &Answer.ended/1], options)
  end

  defp subject_part(subject, query, before, options) do
    with {:ok, {part, next}} <-
           Request.call(
             :subject_sessions,
             :get,
             subject(subject) <> query,
             [read: &Answer.listed/1],
             options
           ) do
      all = before ++ part
      if next, do: subject_part(subject, "?cursor=" <> segment(next), all, options), else: {:ok, all}
    end
  end

  # The call's own options, and those that every call has.
  defp own(options, names) do
    Config.check!(options, names ++ [:origin, :idempotency_key])
    Keyword.split(options, names)
  end

  @names %{expires_in_seconds: :expiresInSeconds}
  defp asked(own), do: for({name, value} <- own, value != nil, into: %{}, do: {@names[name] || name, value})

  defp json_patch(name, id, operations, headers, options) do
    sent = [
      json: operations,
      type: "application/json-patch+json",
      headers: headers,
      read: &Answer.written/1
    ]

    Request.call(name, :patch, settings(id), sent, options)
  end

  # What a proxy may read as more than a name goes in the body, as `put` and `delete` have it anyway.
  defp by_key(name, id, key, body, read, options) do
    key = to_string(key)

    {path, body} =
      if key =~ ~r/\A[\w~-][\w.~-]*\z/,
        do: {settings(id) <> "/" <> key, body},
        else: {session(id), Map.put(body, :key, key)}

    Request.call(name, :post, "#{path}/#{name}", [json: body, read: read], options)
  end

  @doc "The JSON Pointer (RFC 6901) of a key."
  @spec pointer(key) :: String.t()
  def pointer(key), do: "/" <> (key |> to_string() |> String.replace("~", "~0") |> String.replace("/", "~1"))

  defp session(id), do: "/v1/sessions/" <> segment(id)
  defp settings(id), do: session(id) <> "/settings"
  defp subject(subject), do: "/v1/subjects/" <> segment(subject) <> "/sessions"
  defp segment(text), do: URI.encode(text, &URI.char_unreserved?/1)
end
