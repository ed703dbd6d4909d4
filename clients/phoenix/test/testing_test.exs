defmodule Coatcheck.TestingTest do
  @moduledoc "What an app's own tests do with the stand-in for the service, beyond what both do (`both`)."
  use ExUnit.Case
  import CoatcheckTest.Helpers
  alias Coatcheck.{Client, Error, Session, Testing}

  setup do
    Application.put_env(:coatcheck, :adapter, Testing)
    on_exit(fn -> Application.delete_env(:coatcheck, :adapter) end)
  end

  test "a visitor has settings, and a subject if that is said" do
    conn = visit(Testing.session(Testing.visitor(%{"username" => "henrik"}, subject: "user-1")))
    assert conn.assigns.settings == %{"username" => "henrik"}
    assert conn.assigns.coatcheck.subject == "user-1"
    assert visit(Testing.session(Testing.visitor())).assigns.settings == %{}
  end

  test "an outage is of one visitor, and is over with what was done in it" do
    [id, other] = [Testing.visitor(%{"a" => 1}), Testing.visitor(%{"a" => 2})]

    Testing.away(id, fn ->
      assert {:error, %Error{code: "unreachable"}} = Client.get(id, attempts: 1)
      assert {:error, %Error{code: "unreachable"}} = Client.redeem("code", id, attempts: 1)
      assert {:ok, %Session{settings: %{"a" => 2}}} = Client.get(other)
    end)

    catch_error(Testing.away(id, fn -> raise "the test failed" end))
    assert {:ok, %Session{settings: %{"a" => 1}}} = Client.get(id)
  end

  test "a session that runs out is told, and nothing is left of it" do
    id = Testing.visitor(%{"a" => 1})
    :ok = Coatcheck.subscribe(id)
    assert Testing.expire(id) == :ok
    assert_receive {Coatcheck, ^id, {:ended, "idle"}}
    assert {:ok, %Session{revision: 0}} = Client.get(id)
    assert Testing.expire(new_id()) == :ok
  end

  test "it needs no key, and says so if it is not started" do
    key = Application.fetch_env!(:coatcheck, :api_key)
    Application.delete_env(:coatcheck, :api_key)
    on_exit(fn -> Application.put_env(:coatcheck, :api_key, key) end)
    assert {:ok, _} = Client.put(new_id(), "a", 1)
    assert {:ok, conn} = Coatcheck.log_out(visit(Testing.session(Testing.visitor())))
    assert conn.assigns.settings == %{}
  end

  test "is a child of the supervisor where it is the adapter, and what that is given holds for all calls" do
    on_exit(fn -> Application.delete_env(:coatcheck, :deadline) end)
    {:ok, {_strategy, children}} = Coatcheck.init(adapter: Testing, deadline: 1234)
    assert %{adapter: Testing, deadline: 1234} = Coatcheck.Config.read()
    assert_raise ArgumentError, fn -> Coatcheck.init(adaptor: Testing) end
    ids = for child <- children, do: child.id
    assert Testing in ids
    refute Coatcheck.Feed in ids
  end
end
