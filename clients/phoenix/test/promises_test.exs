import CoatcheckTest.Both

both Coatcheck.PromisesTest do
  alias Coatcheck.{Client, Error, Session}

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

    assert {:ok, "6-" <> _} = Client.delete(id, "...")
    assert {:ok, nil} = Client.delete(id, "...")
    assert {:ok, %Session{settings: settings}} = Client.get(id)
    refute Map.has_key?(settings, "...")
    assert map_size(settings) == 4
  end

  test "keys that no path could carry are taken and counted like any other" do
    id = new_id()

    for key <- ["a/b~c", "..", "../../x", "ü ?#%;", "a\\b", "a%2fb"] do
      assert {:ok, 2} = Client.increment(id, key, 2)
      assert {:ok, 2} = Client.take(id, key)
      assert {:error, %Error{code: "key_not_found"}} = Client.take(id, key)
    end

    assert {:ok, %Session{settings: settings}} = Client.get(id)
    assert settings == %{}
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
    assert {:ok, expires_at} = Client.touch(id)
    assert {:ok, %Session{expires_at: ^expires_at}} = Client.get(id)
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
    for value <- [{:secret, self()}, <<255>>, %{"deep" => [{:secret}]}] do
      assert {:error, %Error{code: "unstorable", status: nil} = error} = Client.put(new_id(), "a", value)
      refute inspect(error) =~ "secret"
    end
  end

  test "a call that is sent again is done once, and another under its key is refused" do
    id = new_id()
    for _ <- 1..3, do: assert({:ok, 1} = Client.increment(id, "n", 1, idempotency_key: "once-" <> id))
    assert {:ok, %Session{settings: %{"n" => 1}, revision: 1}} = Client.get(id)
    assert {:error, %Error{status: 422}} = Client.increment(id, "n", 2, idempotency_key: "once-" <> id)
  end

  test "what cannot be added to is refused, and so is a sum that would round" do
    id = new_id()
    {:ok, _} = Client.patch(id, %{"text" => "x", "most" => 9_007_199_254_740_992, "tenth" => 0.1})

    for {key, by} <- [{"text", 1}, {"most", 1}, {"tenth", 0.2}] do
      assert {:error, %Error{code: "not_incrementable", status: 409}} = Client.increment(id, key, by)
    end

    assert {:ok, 0.35} = Client.increment(id, "tenth", 0.25)
  end

  test "a JSON Patch is done whole or not at all" do
    id = new_id()
    {:ok, _} = Client.put(id, "a", %{"list" => [1, 2], "b~/c" => 1})

    assert {:ok, "2-" <> _} =
             Client.json_patch(id, [
               %{op: "test", path: "/a/list/0", value: 1},
               %{op: "add", path: "/a/list/-", value: 3},
               %{op: "add", path: "/a/list/1", value: 9},
               %{op: "remove", path: "/a/list/0"},
               %{op: "replace", path: "/a/b~0~1c", value: 2},
               %{op: "copy", from: "/a/list", path: "/list"},
               %{op: "move", from: "/a/b~0~1c", path: "/b"}
             ])

    there = %{"a" => %{"list" => [9, 2, 3]}, "list" => [9, 2, 3], "b" => 2}
    assert {:ok, %Session{settings: ^there}} = Client.get(id)

    for {operation, code} <- [
          {%{op: "test", path: "/b", value: 3}, "test_failed"},
          {%{op: "remove", path: "/c"}, "path_not_found"},
          {%{op: "replace", path: "/a/list/3", value: 1}, "path_not_found"},
          {%{op: "add", path: "/a/list/4", value: 1}, "path_not_found"},
          {%{op: "add", path: "/b/c", value: 1}, "path_not_found"},
          {%{op: "move", from: "/a", path: "/a/list"}, nil},
          {%{op: "add", path: "", value: %{}}, "invalid_patch"}
        ] do
      assert {:error, %Error{code: refused}} =
               Client.json_patch(id, [%{op: "remove", path: "/list"}, operation])

      if code, do: assert(refused == code)
      assert {:ok, %Session{settings: ^there}} = Client.get(id)
    end
  end

  test "a write that changes nothing is none, and what is too much is refused" do
    id = new_id()
    {:ok, etag} = Client.put(id, "a", 1)
    assert {:ok, ^etag} = Client.put(id, "a", 1)
    assert {:ok, ^etag} = Client.patch(id, %{})
    assert {:ok, "1-" <> _} = Client.patch(new_id(), %{})

    for {changes, code} <- [
          {%{"b" => String.duplicate("x", 65_536)}, "settings_too_large"},
          {Map.new(1..256, &{"k#{&1}", 1}), "too_many_keys"},
          {%{String.duplicate("x", 129) => 1}, "key_length"},
          {%{"b" => %{"__proto__" => 1}}, "name_refused"}
        ] do
      assert {:error, %Error{code: ^code}} = Client.patch(id, changes)
    end
  end

  test "who listens hears of changes, their origins and the end" do
    id = new_id()
    :ok = Coatcheck.subscribe(id)
    {:ok, etag} = Client.put(id, "a", %{"b" => 1}, origin: "job")

    change = %{
      revision: 1,
      etag: etag,
      previous_etag: "0",
      set: %{"a" => %{"b" => 1}},
      removed: [],
      origin: "job"
    }

    assert_receive {Coatcheck, ^id, {:change, ^change}}, 5000
    {:ok, 1} = Client.increment(id, "n")

    assert_receive {Coatcheck, ^id, {:change, %{revision: 2, set: %{"n" => 1}, removed: [], origin: nil}}},
                   5000

    {:ok, _} = Client.take(id, "a")
    assert_receive {Coatcheck, ^id, {:change, %{revision: 3, set: set, removed: ["a"]}}}, 5000
    assert set == %{}
    {:ok, _} = Client.rotate(id)
    assert_receive {Coatcheck, ^id, {:ended, "rotated"}}, 5000

    unwritten = new_id()
    :ok = Coatcheck.subscribe(unwritten)
    {:ok, nil} = Client.end_session(unwritten)
    assert_receive {Coatcheck, ^unwritten, {:ended, "deleted"}}, 5000
  end
end
