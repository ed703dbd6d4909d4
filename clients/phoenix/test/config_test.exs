defmodule Coatcheck.ConfigTest do
  use ExUnit.Case, async: true
  import CoatcheckTest.Helpers
  alias Coatcheck.{Client, Config}

  test "an option that nobody knows is refused, by its name and without its value" do
    for call <- [
          fn -> Config.read(deadlin: 10) end,
          fn -> Config.read(api_kye: "ck_secret") end,
          fn -> Client.get(new_id(), tuch: "secret") end,
          fn -> Client.put(new_id(), "a", 1, orign: "secret") end,
          fn -> Client.handoff(new_id(), subjct: "secret") end,
          fn -> Coatcheck.Plug.init(wait_second: "secret") end
        ] do
      error = assert_raise ArgumentError, ~r/does not know the option :\w+\. It knows/, call
      refute error.message =~ "secret"
    end
  end

  test "the refusal lists what the call knows" do
    assert_raise ArgumentError, ~r/It knows :touch, .*:url, :api_key/, fn ->
      Client.get(new_id(), tuch: false)
    end
  end

  test "a value that an option cannot have is refused, without showing it" do
    for options <- [
          [url: "ftp://secret"],
          [url: nil],
          [deadline: "secret"],
          [attempts: 0],
          [api_key: :secret],
          [cacertfile: 7],
          [adapter: "secret"],
          [pubsub: "secret"]
        ] do
      error = assert_raise ArgumentError, fn -> Config.read(options) end
      assert error.message =~ inspect(hd(Keyword.keys(options)))
      refute error.message =~ "secret"
    end
  end

  test "without an API key it says how to get one" do
    assert_raise ArgumentError, ~r/coatcheck key new/, fn -> Config.read(api_key: nil) end
  end
end
