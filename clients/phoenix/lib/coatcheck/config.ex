defmodule Coatcheck.Config do
  @moduledoc """
  Where the service is and how long to wait for it. From the application's environment, read anew for each call, so that
  `config/runtime.exs` is the place for it:

      config :coatcheck,
        url: "http://127.0.0.1:3000",
        api_key: System.fetch_env!("COATCHECK_API_KEY"),
        pubsub: MyApp.PubSub

  Every function of `Coatcheck.Client` takes the same options, which then win.

  | option | default | meaning |
  | --- | --- | --- |
  | `:url` | `"http://127.0.0.1:3000"` | The service, with the path prefix of a proxy if there is one. |
  | `:api_key` | needed | What `coatcheck key new` printed. |
  | `:pubsub` | none | The `Phoenix.PubSub` of the app, which `Coatcheck.Feed` tells of changes. |
  | `:deadline` | 3000 | How long a call may take in all, repeats among it, in ms. |
  | `:attempts` | 3 | How often a call is tried within the deadline. |
  | `:cacertfile` | the system's | The certificates to trust, for a service with a certificate of one's own. |
  """

  @enforce_keys [:url, :api_key]
  defstruct [:url, :api_key, :pubsub, :cacertfile, deadline: 3000, attempts: 3]

  @type t :: %__MODULE__{
          url: String.t(),
          api_key: String.t(),
          pubsub: atom | nil,
          cacertfile: Path.t() | nil,
          deadline: pos_integer,
          attempts: pos_integer
        }

  @names [:url, :api_key, :pubsub, :cacertfile, :deadline, :attempts]

  @doc "The configuration with these options on top. Raises `ArgumentError` without an API key."
  @spec read(keyword) :: t
  def read(options \\ []) do
    given = :coatcheck |> Application.get_all_env() |> Keyword.take(@names)
    all = Keyword.merge(given, Keyword.take(options, @names))

    unless is_binary(all[:api_key]) do
      raise ArgumentError,
            "Coatcheck has no API key: set `config :coatcheck, api_key: …` in config/runtime.exs to what " <>
              "`coatcheck key new` printed."
    end

    url = all |> Keyword.get(:url, "http://127.0.0.1:3000") |> String.trim_trailing("/")

    unless String.starts_with?(url, ["http://", "https://"]) do
      raise ArgumentError, "The url of Coatcheck has to begin with http:// or https://."
    end

    struct!(__MODULE__, Keyword.put(all, :url, url))
  end
end

defimpl Inspect, for: Coatcheck.Config do
  def inspect(config, _options), do: "#Coatcheck.Config<#{config.url}>"
end
