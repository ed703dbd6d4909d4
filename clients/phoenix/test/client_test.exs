defmodule Coatcheck.ClientTest do
  use ExUnit.Case, async: true
  import CoatcheckTest.Helpers
  alias Coatcheck.{Client, Error, Session}
  alias CoatcheckTest.ScriptedServer

  test "a session that nobody has written is an empty one" do
    id = new_id()
    assert {:ok, %Session{id: ^id, settings: settings, revision: 0, away?: false}} = Client.get(id)
    assert settings == %{}
  end

  test "what is put is what is read, whatever the key is called" do
    id = new_id()
    value = %{"name" => "Ünal \"x\"\n", "list" => [1, 1.5, nil, true, %{}]}

    for key <- ["username", "a/b~c", "...", "ü ?#%", "x.y"] do
      assert {:ok, etag} = Client.put(id, key, value)
      assert is_binary(etag)
      assert {:ok, %Session{settings: %{^key => ^value}}} = Client.get(id)
    end

    assert {:ok, nil} = Client.delete(id, "...")
    assert {:ok, nil} = Client.delete(id, "...")
    assert {:ok, %Session{settings: settings}} = Client.get(id)
    refute Map.has_key?(settings, "...")
    assert map_size(settings) == 4
  end

  test "patches change some keys and leave the others" do
    id = new_id()
    {:ok, _} = Client.put(id, :theme, "dark")
    {:ok, _} = Client.patch(id, %{username: "henrik", theme: nil})
    {:ok, _} = Client.json_patch(id, [%{op: "add", path: "/nothing", value: nil}])
    assert {:ok, %Session{settings: %{"username" => "henrik", "nothing" => nil} = settings}} = Client.get(id)
    assert map_size(settings) == 2

    assert {:error, %Error{status: 412}} =
             Client.json_patch(new_id(), [%{op: "add", path: "/a", value: 1}], if_match: "*")
  end

  test "of many who take a value one gets it" do
    id = new_id()
    {:ok, _} = Client.put(id, "notice", %{"text" => "once"})

    answers =
      1..8 |> Enum.map(fn _ -> Task.async(fn -> Client.take(id, "notice") end) end) |> Task.await_many()

    assert [{:ok, %{"text" => "once"}}] = Enum.filter(answers, &match?({:ok, _}, &1))
    assert 7 == Enum.count(answers, &match?({:error, %Error{code: "key_not_found", status: 404}}, &1))
  end

  test "counts, also from nothing" do
    id = new_id()
    assert {:ok, 1} = Client.increment(id, "visits")
    assert {:ok, 3} = Client.increment(id, "visits", 2)
    assert {:ok, nil} = Client.touch(id)
  end

  test "an ended session is gone, for the reason and since when" do
    id = new_id()
    {:ok, _} = Client.put(id, "a", 1)
    assert {:ok, nil} = Client.end_session(id)

    assert {:error, %Error{code: "session_gone", reason: "deleted", ended_seconds_ago: ago} = error} =
             Client.get(id)

    assert ago in 0..5
    assert Error.gone?(error)
    assert {:error, %Error{status: 410}} = Client.put(id, "a", 2)
  end

  test "a rotation binds and moves the session" do
    id = new_id()
    {:ok, _} = Client.put(id, "a", 1)
    subject = "user-" <> id

    assert {:ok, %Session{id: new, subject: ^subject, settings: %{"a" => 1}}} =
             Client.rotate(id, subject: subject)

    assert new != id
    assert {:error, %Error{reason: "rotated"}} = Client.get(id)
    assert {:ok, [%Session{id: ^new}]} = Client.subject_sessions(subject)
    assert {:ok, 0} = Client.end_subject(subject, except: new)
    assert {:ok, 1} = Client.end_subject(subject)
    assert {:error, %Error{reason: "revoked"}} = Client.get(new)
  end

  test "a hand-off is redeemed by whoever holds the session, and by nobody else" do
    id = new_id()
    {:ok, %{code: code}} = Client.handoff(id, subject: "user-" <> id, payload: %{"to" => "/chat"})
    assert {:error, %Error{code: "handoff_gone"}} = Client.redeem(code, new_id())
    assert {:ok, %{payload: %{"to" => "/chat"}, session: session}} = Client.redeem(code, id)
    assert session.subject == "user-" <> id
    # The visitor's answer was lost, and the page is loaded again.
    assert {:ok, %{session: %{id: again}}} = Client.redeem(code, id)
    assert again == session.id
    assert {:error, %Error{}} = Client.redeem("nonsense", id)
  end

  test "many sessions are read at once" do
    [written, unwritten, ended] = [new_id(), new_id(), new_id()]
    {:ok, _} = Client.put(written, "a", 1)
    {:ok, _} = Client.end_session(ended)
    assert {:ok, batch} = Client.batch([written, unwritten, ended])
    assert [%Session{id: ^written, settings: %{"a" => 1}}] = batch.sessions
    assert batch.missing == [unwritten]
    assert batch.gone == [{ended, "deleted"}]
  end

  test "a token is as narrow as asked for" do
    assert {:ok, token} =
             Client.token(new_id(), scope: ["read", "write"], keys: %{read: ["theme"]}, expires_in_seconds: 60)

    assert %{access_token: "eyJ" <> _, expires_in: 60, scope: "read write"} = token
  end

  test "a value that is no JSON is refused, and the error does not show it" do
    error = assert_raise Coatcheck.Unstorable, fn -> Client.put(new_id(), "a", {:secret, self()}) end
    refute error.message =~ "secret"
    assert_raise Coatcheck.Unstorable, fn -> Client.put(new_id(), "a", <<255>>) end
  end

  describe "repeating" do
    test "what was answered 503 is sent again under the same Idempotency-Key" do
      {:ok, seen} = Agent.start_link(fn -> [] end)

      url =
        ScriptedServer.start(fn request, send ->
          Agent.update(seen, &[request.headers["idempotency-key"] | &1])

          if Agent.get(seen, &length/1) == 1 do
            send.(ScriptedServer.answer(503, ~s({"code":"store_unavailable"}), [{"retry-after", "0"}]))
          else
            send.("HTTP/1.1 204 X\r\netag: \"2-abc\"\r\n\r\n")
          end
        end)

      assert {:ok, "2-abc"} = Client.put(new_id(), "a", 1, url: url)
      assert [same, same] = Agent.get(seen, & &1)
      assert is_binary(same)
    end

    test "a connection that breaks is taken for no answer, and the call made again" do
      {:ok, count} = Agent.start_link(fn -> 0 end)

      url =
        ScriptedServer.start(fn _request, send ->
          if Agent.get_and_update(count, &{&1, &1 + 1}) == 0 do
            send.("HTTP/1.1 200 OK\r\ncontent-le")
            :close
          else
            send.(ScriptedServer.answer(200, ~s({"value":7})))
          end
        end)

      assert {:ok, 7} = Client.take(new_id(), "a", url: url)
    end

    test "a refusal is not repeated" do
      {:ok, count} = Agent.start_link(fn -> 0 end)

      url =
        ScriptedServer.start(fn _request, send ->
          Agent.update(count, &(&1 + 1))
          send.(ScriptedServer.answer(409, ~s({"code":"not_incrementable","detail":"It is no number."})))
        end)

      assert {:error, %Error{code: "not_incrementable", status: 409}} =
               Client.increment(new_id(), "a", 1, url: url)

      assert Agent.get(count, & &1) == 1
    end

    test "nothing takes longer than its deadline, and a Retry-After beyond it ends it at once" do
      silent = ScriptedServer.start(fn _request, _send -> Process.sleep(:infinity) end)
      {time, answer} = :timer.tc(fn -> Client.get(new_id(), url: silent, deadline: 300) end)
      assert {:error, %Error{code: "unreachable", status: nil, plug_status: 503}} = answer
      assert time in 250_000..1_500_000

      busy =
        ScriptedServer.start(fn _, send -> send.(ScriptedServer.answer(503, "{}", [{"retry-after", "5"}])) end)

      {time, answer} = :timer.tc(fn -> Client.get(new_id(), url: busy, deadline: 2000) end)
      assert {:error, %Error{status: 503, retry_after: 5}} = answer
      assert time < 1_000_000
    end

    test "slow calls keep no other waiting" do
      url =
        ScriptedServer.start(fn request, send ->
          if request.path =~ "slow", do: Process.sleep(700)
          send.(ScriptedServer.answer(200, ~s({"value":1})))
        end)

      slow = for _ <- 1..4, do: Task.async(fn -> Client.take(new_id(), "slow", url: url) end)
      Process.sleep(50)
      {time, {:ok, 1}} = :timer.tc(fn -> Client.take(new_id(), "fast", url: url) end)
      assert time < 400_000
      Task.await_many(slow)
    end
  end

  test "an error holds no API key, nor does the configuration when it is shown" do
    {:error, error} = Client.put(new_id(), "a", "value-x", url: nowhere(), attempts: 1)
    key = Application.fetch_env!(:coatcheck, :api_key)
    refute inspect(error) <> Exception.message(error) =~ key
    refute inspect(error) =~ "value-x"
    refute inspect(Coatcheck.Config.read()) =~ key
    assert Exception.message(error) =~ "could not connect"
  end

  test "a certificate that nobody vouches for is refused" do
    # The default is made of the local date, so that east of Greenwich a certificate may begin in the future.
    validity = {Date.to_erl(Date.add(Date.utc_today(), -2)), Date.to_erl(Date.add(Date.utc_today(), 7))}
    rsa = [digest: :sha256, key: {:rsa, 2048, 65_537}, validity: validity]
    chain = %{root: rsa, intermediates: [], peer: rsa ++ [extensions: [subject_name("localhost")]]}

    %{server_config: server, client_config: client} =
      :public_key.pkix_test_data(%{server_chain: chain, client_chain: chain})

    url =
      ScriptedServer.start(fn _request, send -> send.(ScriptedServer.answer(200, ~s({"value":1}))) end,
        tls: server
      )

    assert {:error, %Error{code: "unreachable"} = error} = Client.take(new_id(), "a", url: url, attempts: 1)
    assert Exception.message(error) =~ "tls"

    file = Path.join(System.tmp_dir!(), "coatcheck-#{new_id()}.pem")
    on_exit(fn -> File.rm(file) end)

    File.write!(
      file,
      :public_key.pem_encode(for der <- client[:cacerts], do: {:Certificate, der, :not_encrypted})
    )

    assert {:ok, 1} = Client.take(new_id(), "a", url: url, cacertfile: file)
  end

  # The subject alternative name of a certificate, as a record of public_key.
  defp subject_name(host), do: {:Extension, {2, 5, 29, 17}, false, [dNSName: to_charlist(host)]}
end
