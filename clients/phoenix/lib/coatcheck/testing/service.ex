defmodule Coatcheck.Testing.Service do
  @moduledoc false

  # The service as a value: a call makes an answer, what the feed tells, and the service after it.

  alias Coatcheck.{JSON, UUID}
  alias Coatcheck.Testing.{Limits, Patch, Record, Refusal}

  defstruct sessions: %{}, handoffs: %{}, outcomes: %{}

  def new, do: %__MODULE__{}

  def call(service, {method, path, headers, body}) do
    key = headers["idempotency-key"]
    same = {method, path, headers["if-match"], body}

    case service.outcomes[key] do
      {^same, answer} ->
        {answer, [], service}

      {_other, _answer} ->
        {Refusal.answer(%Refusal{status: 422, code: "idempotency_key_reused"}), [], service}

      nil ->
        {answer, events, service} = answered(service, method, path, headers, body)
        done? = elem(answer, 0) < 300 and key != nil
        {answer, events, if(done?, do: put_in(service.outcomes[key], {same, answer}), else: service)}
    end
  end

  def expire(service, id) do
    {ended, sessions} = Map.pop(service.sessions, id)
    {if(ended, do: [{id, {:ended, "idle"}}], else: []), %{service | sessions: sessions}}
  end

  defp answered(service, method, path, headers, body) do
    %URI{path: path, query: query} = URI.parse(path)
    segments = path |> String.trim_leading("/v1/") |> String.split("/") |> Enum.map(&URI.decode/1)

    {:ok, body} =
      case body do
        nil -> {:ok, nil}
        {_type, text} -> JSON.decode(IO.iodata_to_binary(text))
      end

    {status, body, events, service} =
      route(method, segments, %{
        service: service,
        body: body,
        query: URI.decode_query(query || ""),
        headers: headers
      })

    {body, headers} =
      if match?({:etag, _}, body), do: {nil, %{"etag" => ~s("#{elem(body, 1)}")}}, else: {body, %{}}

    {:ok, text} = if body == nil, do: {:ok, ""}, else: JSON.encode(body)
    {{status, headers, text}, events, service}
  rescue
    refusal in Refusal -> {Refusal.answer(refusal), [], service}
  end

  defp route(:get, ["sessions", id], call), do: {200, Record.view(id, living!(call, id)), [], call.service}

  defp route(:delete, ["sessions", id], call) do
    {events, service} = ended(call.service, id, "deleted")
    {204, nil, events, service}
  end

  defp route(:patch, ["sessions", id, "settings"], call) do
    session = session!(call, id)
    if call.headers["if-match"] == "*" and session.revision == 0, do: refuse!(412, "precondition_failed")

    settings =
      if is_list(call.body),
        do: Patch.apply(session.settings, call.body),
        else: Coatcheck.Follow.over(session.settings, {:merge, call.body})

    {began?, etag, events, service} = written(call, id, session, settings)
    {if(began?, do: 201, else: 204), {:etag, etag}, events, service}
  end

  defp route(:post, ["sessions", id, "settings", key, "take"], call), do: take(call, id, key)
  defp route(:post, ["sessions", id, "take"], call), do: take(call, id, call.body["key"])
  defp route(:post, ["sessions", id, "settings", key, "increment"], call), do: increment(call, id, key)
  defp route(:post, ["sessions", id, "increment"], call), do: increment(call, id, call.body["key"])

  defp route(:post, ["sessions", id, "touch"], call) do
    session = %{living!(call, id) | expires_at: Record.later()}
    {200, id |> Record.view(session) |> Map.delete(:settings), [], keep(call.service, id, session)}
  end

  defp route(:post, ["sessions", id, "rotate"], call) do
    {new, session, events, service} = moved(call.service, id, session!(call, id), call.body["subject"])
    {201, Record.view(new, session), events, service}
  end

  defp route(:post, ["sessions", id, "handoffs"], call) do
    service = keep(call.service, id, session!(call, id))
    code = 24 |> :crypto.strong_rand_bytes() |> Base.url_encode64()
    handoff = %{id: id, subject: call.body["subject"], payload: call.body["payload"]}
    {201, %{code: code, expiresAt: Record.later()}, [], put_in(service.handoffs[code], handoff)}
  end

  defp route(:post, ["handoffs", "redeem"], call) do
    %{"code" => code, "sessionId" => id} = call.body

    with %{id: ^id} = handoff <- call.service.handoffs[code],
         %{settings: _} = session <- call.service.sessions[id] do
      service = %{call.service | handoffs: Map.delete(call.service.handoffs, code)}

      {id, session, events, service} =
        if handoff.subject, do: moved(service, id, session, handoff.subject), else: {id, session, [], service}

      {200, %{payload: handoff.payload, session: Record.view(id, session)}, events, service}
    else
      _ -> refuse!(410, "handoff_gone")
    end
  end

  defp route(:post, ["sessions", id, "tokens"], call) do
    service = keep(call.service, id, session!(call, id))
    scope = call.body["scope"] || "read write touch"
    unless call.body["keys"], do: refuse!(422, "keys_required")
    token = "eyJ" <> Base.url_encode64(:crypto.strong_rand_bytes(24))

    {201,
     %{
       access_token: token,
       token_type: "Bearer",
       expires_in: call.body["expiresInSeconds"] || 900,
       scope: scope
     }, [], service}
  end

  defp route(:post, ["sessions", "batch"], call) do
    ids = call.body["ids"]
    if length(ids) > 100, do: refuse!(422, "limit_exceeded")
    found = Enum.group_by(ids, &kind(call.service.sessions[&1]))

    {200,
     %{
       sessions: Map.new(found[:living] || [], &{&1, Record.view(&1, call.service.sessions[&1])}),
       missing: found[:missing] || [],
       gone:
         for id <- found[:gone] || [] do
           {:gone, reason, at} = call.service.sessions[id]
           %{id: id, reason: reason, endedAt: at}
         end
     }, [], call.service}
  end

  defp route(:get, ["subjects", subject, "sessions"], call) do
    sessions = for {id, session} <- bound(call.service, subject), do: Record.view(id, session)
    {200, %{sessions: sessions}, [], call.service}
  end

  defp route(:delete, ["subjects", subject, "sessions"], call) do
    ids = for {id, _session} <- bound(call.service, subject), id != call.query["except"], do: id

    {events, service} =
      Enum.flat_map_reduce(ids, call.service, fn id, service -> ended(service, id, "revoked") end)

    {200, %{ended: length(ids)}, events, service}
  end

  defp route(_method, _segments, _call), do: refuse!(404, "not_found")

  defp take(call, id, key) do
    session = living!(call, id)
    if not is_map_key(session.settings, key), do: refuse!(404, "key_not_found")
    {value, settings} = Map.pop!(session.settings, key)
    {_began?, _etag, events, service} = written(call, id, session, settings)
    {200, %{value: value}, events, service}
  end

  defp increment(call, id, key) do
    session = session!(call, id)
    sum = Patch.sum(Map.get(session.settings, key, 0), Map.get(call.body, "by", 1))
    {_began?, _etag, events, service} = written(call, id, session, Map.put(session.settings, key, sum))
    {200, %{value: sum}, events, service}
  end

  defp written(call, id, session, settings) do
    Limits.check!(settings)
    changed? = settings != session.settings or session.revision == 0

    if changed? do
      revision = session.revision + 1
      etag = "#{revision}-#{Base.url_encode64(:crypto.strong_rand_bytes(6))}"

      set =
        for {key, value} <- settings,
            Map.fetch(session.settings, key) != {:ok, value},
            into: %{},
            do: {key, value}

      change = %{
        revision: revision,
        etag: etag,
        previous_etag: session.etag,
        set: set,
        removed: Map.keys(session.settings) -- Map.keys(settings),
        origin: call.headers["coatcheck-origin"]
      }

      session = %{session | settings: settings, revision: revision, etag: etag}
      {revision == 1, etag, [{id, {:change, change}}], keep(call.service, id, session)}
    else
      {false, session.etag, [], call.service}
    end
  end

  defp moved(service, id, session, subject) do
    new = UUID.random()
    session = if subject, do: %{session | subject: subject, created_at: Record.now()}, else: session
    {events, service} = ended(service, id, "rotated")
    {new, session, events, keep(service, new, session)}
  end

  # A tombstone is laid where nothing was, too, and told.
  defp ended(%{sessions: sessions} = service, id, reason) do
    if match?({:gone, _, _}, sessions[id]),
      do: {[], service},
      else: {[{id, {:ended, reason}}], keep(service, id, {:gone, reason, Record.now()})}
  end

  defp keep(service, id, session), do: put_in(service.sessions[id], session)

  defp session!(call, id) do
    case call.service.sessions[id] do
      nil ->
        Record.unwritten()

      {:gone, reason, at} ->
        raise Refusal, status: 410, code: "session_gone", more: %{reason: reason, endedAt: at}

      session ->
        session
    end
  end

  defp living!(call, id) do
    session = session!(call, id)
    if call.service.sessions[id] == nil, do: refuse!(404, "session_not_found"), else: session
  end

  defp bound(service, subject), do: Enum.filter(service.sessions, &match?({_, %{subject: ^subject}}, &1))
  defp kind(nil), do: :missing
  defp kind({:gone, _, _}), do: :gone
  defp kind(_session), do: :living
  defp refuse!(status, code), do: raise(Refusal, status: status, code: code)
end
