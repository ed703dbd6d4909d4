defmodule Coatcheck.Config do
  @moduledoc """
  Where the service is and how long to wait for it. From the application's environment, read anew for each call, so that
  `config/runtime.exs` is the place for it:

      config :coatcheck,
        url: "http://127.0.0.1:3000",
        api_key: System.fetch_env!("COATCHECK_API_KEY"),
        pubsub: MyApp.PubSub

  What the child `{Coatcheck, url: "http://127.0.0.1:3000"}` is given goes there, too. Every function of `Coatcheck.Client`
  takes the same options, which then win.

  | option | default | meaning |
  | --- | --- | --- |
  | `:url` | `"http://127.0.0.1:3000"` | The service, with the path prefix of a proxy if there is one. |
  | `:api_key` | needed | What `coatcheck key new` printed. |
  | `:pubsub` | none | The `Phoenix.PubSub` of the app, which `Coatcheck.Feed` tells of changes. |
  | `:deadline` | 3000 | How long a call may take in all, repeats among it, in ms. |
  | `:attempts` | 3 | How often a call is tried within the deadline. |
  | `:cacertfile` | the system's | The certificates to trust, for a service with a certificate of one's own. |
  | `:adapter` | `Coatcheck.HTTP` | `Coatcheck.Testing` in the tests of an app. |

  An option that is not known, or has a value that it cannot have, raises `ArgumentError`.
  """

  @defaults [
    url: "http://127.0.0.1:3000",
    api_key: nil,
    pubsub: nil,
    cacertfile: nil,
    deadline: 3000,
    attempts: 3,
    adapter: Coatcheck.HTTP
  ]
  @names Keyword.keys(@defaults)

  @enforce_keys @names
  defstruct @names

  @type t :: %__MODULE__{
          url: String.t(),
          api_key: String.t() | nil,
          pubsub: atom | nil,
          cacertfile: Path.t() | nil,
          deadline: pos_integer,
          attempts: pos_integer,
          adapter: module
        }

  @doc "The configuration with these options on top."
  @spec read(keyword) :: t
  def read(options \\ []) do
    # Some OTP adds that by itself.
    given = :coatcheck |> Application.get_all_env() |> Keyword.delete(:included_applications)
    check!(given)
    check!(options)
    all = @defaults |> Keyword.merge(given) |> Keyword.merge(options)
    for {name, value} <- all, value != nil or name in [:url, :deadline, :attempts], do: value!(name, value)

    if all[:api_key] == nil and all[:adapter] == Coatcheck.HTTP do
      raise ArgumentError,
            "Coatcheck has no API key: set `config :coatcheck, api_key: …` in config/runtime.exs to what " <>
              "`coatcheck key new` printed."
    end

    struct!(__MODULE__, Keyword.update!(all, :url, &String.trim_trailing(&1, "/")))
  end

  @doc "Puts these options into the application's environment, for all calls of this node."
  @spec keep(keyword) :: :ok
  def keep(options) do
    check!(options)
    Application.put_all_env(coatcheck: options)
    read()
    :ok
  end

  @doc "Raises `ArgumentError` if there are options that are neither these nor those of `more`. It shows no values."
  @spec check!(keyword, [atom]) :: :ok
  def check!(options, more \\ []) do
    case Enum.uniq(Keyword.keys(options)) -- (@names ++ more) do
      [] ->
        :ok

      unknown ->
        raise ArgumentError,
              "Coatcheck does not know the option #{Enum.map_join(unknown, ", ", &inspect/1)}. " <>
                "It knows #{Enum.map_join(more ++ @names, ", ", &inspect/1)}."
    end
  end

  @doc "Those of the options that are of the configuration, without what is a call's own."
  @spec only(keyword) :: keyword
  def only(options), do: Keyword.take(options, @names)

  defp value!(:url, "http://" <> _), do: :ok
  defp value!(:url, "https://" <> _), do: :ok
  defp value!(:url, _), do: wrong!(:url, "begins with http:// or https://")
  defp value!(:api_key, key), do: is_binary(key) || wrong!(:api_key, "is a string")
  defp value!(:cacertfile, path), do: is_binary(path) || wrong!(:cacertfile, "is the path of a file")

  defp value!(name, module) when name in [:pubsub, :adapter],
    do: is_atom(module) || wrong!(name, "is a module")

  defp value!(name, value), do: (is_integer(value) and value > 0) || wrong!(name, "is a whole number above 0")

  @spec wrong!(atom, String.t()) :: no_return
  defp wrong!(name, right), do: raise(ArgumentError, "The option #{inspect(name)} of Coatcheck #{right}.")
end

defimpl Inspect, for: Coatcheck.Config do
  def inspect(config, _options), do: "#Coatcheck.Config<#{config.url}>"
end
