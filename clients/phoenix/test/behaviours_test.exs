defmodule Coatcheck.BehavioursTest do
  @moduledoc """
  The table that all clients share, `clients/behaviours.json`: what this one does with each answer. The library believes
  nobody but Coatcheck: whatever else answers at its address, no call of it is done, and none takes a refusal for one of
  the service.
  """
  use ExUnit.Case, async: true
  alias Coatcheck.{Client, Error, JSON}
  alias CoatcheckTest.ScriptedServer

  @table_path Path.expand("../../behaviours.json", __DIR__)
  @other "0a8de1c6-7c43-4c0e-9f0a-5a5f0d1b2c3d"

  defp calls(id, code) do
    %{
      "view" => fn options -> view(Client.get(id, options)) end,
      "put" => &Client.put(id, "theme", "dark", &1),
      "patch" => &Client.patch(id, %{"theme" => "dark"}, &1),
      "remove" => fn options -> with {:ok, _etag} <- Client.delete(id, "theme", options), do: {:ok, nil} end,
      "take" => &Client.take(id, "flash", &1),
      "increment" => &Client.increment(id, "hits", 1, &1),
      "touch" => fn options -> with {:ok, _at} <- Client.touch(id, options), do: {:ok, nil} end,
      "end" => &Client.end_session(id, &1),
      "rotate" => &member(Client.rotate(id, &1), :id),
      "token" => &member(Client.token(id, &1), :access_token),
      "handoff" => &member(Client.handoff(id, &1), :code),
      "redeem" => fn options ->
        with {:ok, %{session: session}} <- Client.redeem(code, id, options), do: {:ok, session.id}
      end,
      "batch" => &ids(member(Client.batch([id, @other], &1), :sessions)),
      "subjectSessions" => &ids(Client.subject_sessions("user-42", &1)),
      "endSubject" => &Client.end_subject("user-42", &1)
    }
  end

  defp view({:ok, session}) do
    {:ok, %{"settings" => session.settings, "etag" => session.etag, "revision" => session.revision}}
  end

  defp view(refused), do: refused

  defp member({:ok, result}, name), do: {:ok, Map.fetch!(result, name)}
  defp member(refused, _name), do: refused

  defp ids({:ok, sessions}), do: {:ok, Enum.map(sessions, & &1.id)}
  defp ids(refused), do: refused

  setup_all do
    {:ok, table} = @table_path |> File.read!() |> JSON.decode()
    %{table: table, calls: calls(table["id"], table["calls"]["handoff"]["result"])}
  end

  test "every call of the table is made, or said to be missing", %{table: table, calls: calls} do
    missing = Map.keys(table["differences"]["elixir"]["calls"])
    assert Enum.sort(Map.keys(calls) ++ missing) == Enum.sort(Map.keys(table["calls"]))
  end

  test "each call does with each answer what the table says", %{table: table, calls: calls} do
    servers =
      for {name, call} <- calls do
        seen = start_supervised!({Agent, fn -> {[], []} end}, id: {:seen, name})
        {name, call, seen, serve(seen, table, name)}
      end

    # They wait more than they compute.
    ran =
      servers
      |> Task.async_stream(&run_all(&1, table), max_concurrency: 20, timeout: 60_000)
      |> Enum.to_list()

    assert ran |> Enum.map(fn {:ok, count} -> count end) |> Enum.sum() > 350
  end

  defp run_all({name, call, seen, url}, table) do
    cases =
      for one <- table["cases"],
          name in names(one, table),
          not is_map_key(table["differences"]["elixir"]["cases"], one["name"]),
          do: one

    for one <- cases do
      Agent.update(seen, fn _before -> {one["answers"], []} end)
      run(one, name, call, seen, url, table)
    end

    length(cases)
  end

  defp run(one, name, call, seen, url, table) do
    short? = one["then"]["error"] == "unreachable"
    options = [url: url, attempts: if(short?, do: 2, else: 3), deadline: 20_000]
    came = call.(options)
    sent = Agent.get(seen, &elem(&1, 1))
    where = "#{name} at #{one["name"]}"
    members = table["differences"]["elixir"]["members"]
    check(came, one["then"], table["calls"][name]["result"], members, where)

    case one["tries"] do
      nil -> :ok
      "more" -> assert length(sent) == 2, where
      tries -> assert length(sent) == tries, where
    end

    assert length(Enum.uniq(sent)) == 1, "#{where} has one key"
  end

  defp names(%{"calls" => "every"}, table), do: Map.keys(table["calls"])

  defp names(%{"calls" => "answered with a body"}, table),
    do: for({name, %{"right" => %{"json" => _}}} <- table["calls"], do: name)

  defp names(%{"calls" => names}, _table), do: names

  # Gives the answers in their order, the last one for ever, and keeps the Idempotency-Key of each request.
  defp serve(seen, table, name) do
    ScriptedServer.start(fn request, send ->
      answer =
        Agent.get_and_update(seen, fn {[answer | rest], sent} ->
          left = if rest == [], do: [answer], else: rest
          {answer, {left, [request.headers["idempotency-key"] | sent]}}
        end)

      give(answer, table, table["calls"][name]["right"], send)
    end)
  end

  defp give("close", _table, _right, _send), do: :close

  defp give(answer, table, own, send) do
    right = if answer["right"], do: own, else: %{}
    told = Map.merge(right, answer)

    body =
      cond do
        told["text"] -> told["text"]
        told["json"] -> encoded(table["bodies"][told["json"]])
        true -> ""
      end

    mark = if answer["foreign"], do: %{}, else: %{"coatcheck-version" => "1"}
    headers = mark |> Map.merge(right["headers"] || %{}) |> Map.merge(answer["headers"] || %{})
    lines = for {header, value} <- headers, do: "#{header}: #{value}\r\n"
    missing = if answer["cut"], do: 100, else: 0
    length = if told["status"] == 204, do: "", else: "content-length: #{byte_size(body) + missing}\r\n"
    send.(["HTTP/1.1 #{told["status"]} X\r\nconnection: close\r\n", lines, length, "\r\n", body])
    :close
  end

  defp encoded(value) do
    {:ok, text} = JSON.encode(value)
    text
  end

  defp check(came, %{"right" => true}, result, _missing, where), do: assert({:ok, result} == came, where)
  defp check(came, %{"value" => value}, _result, _missing, where), do: assert({:ok, value} == came, where)

  defp check(came, then, _result, missing, where) do
    assert {:error, %Error{} = error} = came, where
    told = then |> Map.drop(Map.keys(missing)) |> Map.delete("error")
    names = %{"endedSecondsAgo" => :ended_seconds_ago, "retryAfterSeconds" => :retry_after}
    assert error.code == then["error"], where

    for {name, value} <- told do
      assert Map.get(error, names[name] || String.to_existing_atom(name)) == value, "#{where}: #{name}"
    end
  end
end
