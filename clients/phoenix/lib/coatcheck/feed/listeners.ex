if Code.ensure_loaded?(Phoenix.PubSub) do
  defmodule Coatcheck.Feed.Listeners do
    @moduledoc """
    Who on this node listens to which session, and how they are told: by the app's `Phoenix.PubSub`, on this node alone.

        :ok = Coatcheck.Feed.Listeners.subscribe(id)
        :ok = Coatcheck.Feed.Listeners.pass_on(MyApp.PubSub, id, {:ended, "deleted"})
    """

    alias Coatcheck.{Config, LastKnown, Session}

    @registry Coatcheck.Holders

    @doc "The topic of a session in the app's `Phoenix.PubSub`."
    @spec topic(String.t()) :: String.t()
    def topic(id), do: "coatcheck:" <> id

    @doc "Has the calling process told of a session, until it ends. Twice is once. Raises where the id is no UUID."
    @spec subscribe(String.t(), keyword) :: :ok
    def subscribe(id, options \\ []) do
      # What is no id would have the service refuse the reading of all that are read together with it.
      unless Coatcheck.UUID.valid?(id) do
        raise ArgumentError,
              "This is no session id: it is a UUID in lower case, as Coatcheck.UUID.random/0 makes it."
      end

      unless id in Registry.keys(@registry, self()) do
        {:ok, _} = Registry.register(@registry, id, nil)
        :ok = Phoenix.PubSub.subscribe(pubsub(Config.read(options)), topic(id))
      end

      :ok
    end

    @doc "The service has answered a call: a feed that is lost need not wait any longer."
    @spec answered() :: :ok
    def answered do
      if Process.whereis(@registry), do: Registry.dispatch(@registry, :lost, &wake/1)
      :ok
    end

    defp wake(feeds), do: for({feed, _} <- feeds, do: send(feed, :answered))

    @doc "Passes on what is told of a session."
    @spec pass_on(atom, String.t(), Session.event()) :: :ok
    def pass_on(pubsub, id, event) do
      LastKnown.hear(id, event)
      Phoenix.PubSub.local_broadcast(pubsub, topic(id), {Coatcheck, id, event})
    end

    @doc "The calling process is a feed that is lost."
    @spec lost() :: :ok
    def lost do
      {:ok, _} = Registry.register(@registry, :lost, nil)
      :ok
    end

    @doc "A feed that was lost is back."
    @spec found() :: :ok
    def found, do: Registry.unregister(@registry, :lost)

    @doc "The sessions that somebody listens to."
    @spec held() :: [String.t()]
    def held,
      do: @registry |> Registry.select([{{:"$1", :_, :_}, [{:is_binary, :"$1"}], [:"$1"]}]) |> Enum.uniq()

    @doc "The PubSub of the app. Raises `ArgumentError` without one."
    @spec pubsub(Config.t()) :: atom
    def pubsub(%Config{pubsub: nil}) do
      raise ArgumentError, "Coatcheck has no PubSub: set `config :coatcheck, pubsub: MyApp.PubSub`."
    end

    def pubsub(%Config{pubsub: pubsub}), do: pubsub
  end
end
