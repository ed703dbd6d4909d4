defmodule Coatcheck.ClientTest do
  use ExUnit.Case, async: true
  import CoatcheckTest.Helpers
  alias Coatcheck.{Client, Error}
  alias CoatcheckTest.ScriptedServer

  describe "repeating" do
    test "what was answered 503 is sent again under the same Idempotency-Key" do
      {:ok, seen} = Agent.start_link(fn -> [] end)

      url =
        ScriptedServer.start(fn request, send ->
          Agent.update(seen, &[request.headers["idempotency-key"] | &1])

          if Agent.get(seen, &length/1) == 1 do
            send.(ScriptedServer.problem(503, "store_unavailable", [{"retry-after", "0"}]))
          else
            send.("HTTP/1.1 204 X\r\netag: \"2-abc\"\r\ncoatcheck-version: 1\r\n\r\n")
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
          send.(ScriptedServer.problem(409, "not_incrementable"))
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
        ScriptedServer.start(fn _, send ->
          send.(ScriptedServer.problem(503, "overloaded", [{"retry-after", "5"}]))
        end)

      {time, answer} = :timer.tc(fn -> Client.get(new_id(), url: busy, deadline: 2000) end)
      assert {:error, %Error{status: 503, retry_after: 5}} = answer
      assert time < 1_000_000
    end

    test "slow calls keep no other waiting" do
      test = self()

      url =
        ScriptedServer.start(fn request, send ->
          if request.path =~ "slow" do
            send(test, {:asked, self()})
            receive do: (:answer -> :ok)
          end

          send.(ScriptedServer.answer(200, ~s({"value":1})))
        end)

      slow =
        for _ <- 1..4, do: Task.async(fn -> Client.take(new_id(), "slow", url: url, deadline: 10_000) end)

      asked = for _ <- slow, do: assert_receive({:asked, _server}, 5000)
      assert {:ok, 1} = Client.take(new_id(), "fast", url: url)
      for {:asked, server} <- asked, do: send(server, :answer)
      assert Enum.all?(Task.await_many(slow), &(&1 == {:ok, 1}))
    end
  end

  test "keys that a path cannot carry go in no path" do
    {:ok, seen} = Agent.start_link(fn -> [] end)

    url =
      ScriptedServer.start(fn request, send ->
        Agent.update(seen, &[{request.method, request.path, request.body} | &1])

        if request.method == "POST",
          do: send.(ScriptedServer.answer(200, ~s({"value":1}))),
          else: send.("HTTP/1.1 204 X\r\netag: \"2-abc\"\r\ncoatcheck-version: 1\r\n\r\n")
      end)

    id = new_id()
    base = "/v1/sessions/#{id}"
    unsafe = ["../../x", "a/b", "a\\b", "..", ".", "a%2fb", "a;b", "a?b", "a#b", "a b", "ü", "a\nb", ""]

    for key <- unsafe do
      {:ok, 1} = Client.take(id, key, url: url)
      {:ok, 1} = Client.increment(id, key, 2, url: url)
      {:ok, _} = Client.put(id, key, 1, url: url)
      {:ok, _} = Client.delete(id, key, url: url)
    end

    for {method, path, body} <- Agent.get(seen, & &1) do
      {:ok, sent} = Coatcheck.JSON.decode(body)

      case {method, path} do
        {"PATCH", path} ->
          assert path == base <> "/settings"
          assert [%{"path" => "/" <> pointer}] = sent
          assert String.replace(pointer, "~1", "/") in unsafe

        {"POST", path} ->
          assert path in [base <> "/take", base <> "/increment"]
          assert sent["key"] in unsafe
          assert path == base <> "/take" == not is_map_key(sent, "by")
      end
    end

    {:ok, 1} = Client.take(id, "a.b-c_d~1", url: url)
    assert [{"POST", path, "{}"} | _] = Agent.get(seen, & &1)
    assert path == base <> "/settings/a.b-c_d~1/take"
  end

  test "a call tells telemetry its name and how it went, and nothing of what it was about" do
    handler = "calls-of-this-test"

    told = fn _event, measured, metadata, test ->
      if self() == test, do: send(test, {:told, measured, metadata})
    end

    :ok = :telemetry.attach_many(handler, [[:coatcheck, :call, :stop]], told, self())
    on_exit(fn -> :telemetry.detach(handler) end)

    id = new_id()
    {:ok, _} = Client.put(id, "a", 1)
    assert_received {:told, %{duration: time, attempts: 1}, %{call: :put, code: nil, status: nil}}
    assert time > 0
    {:error, _} = Client.take(id, "b")
    assert_received {:told, _, %{call: :take, code: "key_not_found", status: 404}}
    {:error, _} = Client.get(id, url: nowhere(), attempts: 2)
    assert_received {:told, %{attempts: 2}, %{call: :get, code: "unreachable", status: nil}}
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
    p256 = [digest: :sha256, key: {:namedCurve, :secp256r1}, validity: validity]
    chain = %{root: p256, intermediates: [], peer: p256 ++ [extensions: [subject_name("localhost")]]}

    %{server_config: server, client_config: client} =
      :public_key.pkix_test_data(%{server_chain: chain, client_chain: chain})

    url =
      ScriptedServer.start(fn _request, send -> send.(ScriptedServer.answer(200, ~s({"value":1}))) end,
        tls: server
      )

    assert {:error, %Error{code: "unreachable"} = error} = Client.take(new_id(), "a", url: url, attempts: 1)
    # Whoever is slow finds the connection closed already.
    assert Exception.message(error) =~ ~r/tls|closed/

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
