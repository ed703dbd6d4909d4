# The tests run against a Coatcheck that is running: COATCHECK_URL and COATCHECK_API_KEY say where and by what key.
for name <- ["COATCHECK_URL", "COATCHECK_API_KEY"], System.get_env(name) in [nil, ""] do
  IO.puts(:stderr, "The tests need a running Coatcheck: set #{name} (README.md, \"Test it\").")
  System.halt(1)
end

Application.put_all_env(
  coatcheck: [
    url: System.fetch_env!("COATCHECK_URL"),
    api_key: System.fetch_env!("COATCHECK_API_KEY"),
    pubsub: CoatcheckTest.PubSub
  ]
)

for file <- ["scripted_server.ex", "helpers.ex", "both.ex"], do: Code.require_file("support/#{file}", __DIR__)

{:ok, _} =
  Supervisor.start_link([{Phoenix.PubSub, name: CoatcheckTest.PubSub}, Coatcheck, Coatcheck.Testing],
    strategy: :one_for_one
  )

ExUnit.start(capture_log: true)
