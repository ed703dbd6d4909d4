import CoatcheckTest.Both

both Plug.Session.COATCHECKTest do
  alias Coatcheck.{Client, UUID}
  alias Plug.Session.COATCHECK, as: Store

  @options Store.init(deadline: 1000)

  defp get(cookie), do: Store.get(request(), cookie, @options)
  defp put(sid, session), do: Store.put(request(), sid, session, @options)
  defp delete(sid), do: Store.delete(request(), sid, @options)
  defp at_service(cookie), do: Client.get(UUID.of_secret(cookie), touch: false)

  test "is found by its name" do
    assert Plug.Session.Store.get(:coatcheck) == Store
  end

  test "what is put comes back, and the cookie is a secret that the service does not know" do
    session = %{"user_id" => 42, "nothing" => nil, "cart" => %{"a" => [1, 2.5, true]}, "a/b~c" => "x"}
    cookie = put(nil, session)
    assert byte_size(cookie) == 43
    assert {sid, ^session} = get(cookie)
    assert sid != nil
    id = UUID.of_secret(cookie)
    assert UUID.valid?(id)
    # The id is no cookie.
    assert get(id) == {nil, %{}}
    refute inspect(at_service(cookie)) =~ cookie
  end

  test "binaries that are no text come back as they were" do
    session = %{"user_token" => :crypto.strong_rand_bytes(32), "nested" => %{"raw" => <<255, 0>>}}
    assert {_sid, ^session} = session |> then(&put(nil, &1)) |> get()
  end

  test "requests that overlap do not lose each other's keys" do
    cookie = put(nil, %{"a" => 1, "b" => 1, "c" => %{"x" => 1}})
    {first, session} = get(cookie)
    {second, ^session} = get(cookie)
    assert put(first, session |> Map.put("a", 2) |> Map.delete("b")) == cookie
    assert put(second, %{session | "c" => %{"y" => 1}} |> Map.delete("b")) == cookie
    assert {_sid, %{"a" => 2, "c" => %{"y" => 1}} = left} = get(cookie)
    refute Map.has_key?(left, "b")
  end

  test "what a request did not change it does not write" do
    cookie = put(nil, %{"a" => 1})
    {sid, session} = get(cookie)
    {:ok, before} = at_service(cookie)
    assert put(sid, session) == cookie
    assert while_away(fn -> put(sid, session) end) == cookie
    {:ok, later} = at_service(cookie)
    assert later.etag == before.etag
  end

  test "an ended session is not brought back: what a late request changed goes into a new one" do
    cookie = put(nil, %{"user_id" => 42})
    {late, session} = get(cookie)
    {sid, _} = get(cookie)
    assert delete(sid) == :ok
    assert get(cookie) == {nil, %{}}
    new = put(late, Map.put(session, "notice", "x"))
    refute new == cookie
    assert {_sid, %{"notice" => "x"} = left} = get(new)
    assert map_size(left) == 1
    assert {:error, %{reason: "deleted"}} = at_service(cookie)
    assert delete(sid) == :ok
  end

  test "a cookie that is unknown, or none, is not taken over" do
    unknown = 32 |> :crypto.strong_rand_bytes() |> Base.url_encode64(padding: false)
    for cookie <- [unknown, "", "../x", String.duplicate("a", 44)], do: assert(get(cookie) == {nil, %{}})
  end

  test "what JSON cannot hold is refused, with its place and without its value" do
    for {value, place} <- [
          {:secret_atom, "role"},
          {%{secret: 1}, "role"},
          {["x", %{"deep" => {:secret, 1}}], "role / 1 / deep"},
          {~D[2026-01-01], "role"},
          {%{"$base64" => "secret"}, "role"},
          {["secret" | "secret"], "role"},
          {self(), "role"}
        ] do
      error = assert_raise Coatcheck.Unstorable, fn -> put(nil, %{"role" => value}) end
      assert error.message =~ "at #{place} stands"
      refute error.message =~ "secret"
    end
  end

  test "when the service is away nothing looks like a log-out" do
    cookie = put(nil, %{"a" => 1})
    {sid, session} = get(cookie)

    while_away(fn ->
      for call <- [fn -> get(cookie) end, fn -> put(sid, %{session | "a" => 2}) end, fn -> delete(sid) end] do
        error = assert_raise Coatcheck.Error, call
        assert error.plug_status == 503
      end
    end)

    assert {_sid, ^session} = get(cookie)
  end
end
