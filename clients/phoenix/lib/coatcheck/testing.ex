defmodule Coatcheck.Testing do
  @moduledoc """
  Stands in for the service in the tests of an app: in memory, in this node, with the promises of the real one. A late
  write to an ended session is refused, of many who take a value one gets it, a code is good once and only for its visitor,
  and every view hears of every change. The library's own tests run on both.

      # config/test.exs
      config :coatcheck, adapter: Coatcheck.Testing, pubsub: MyApp.PubSub

  The app starts `Coatcheck` as always, and needs no URL and no API key then. Tests may run beside each other, as each
  visitor has an id of their own:

      id = Coatcheck.Testing.visitor(%{"username" => "henrik"})
      conn = Plug.Test.init_test_session(conn, Coatcheck.Testing.session(id))
      {:ok, view, html} = Phoenix.LiveViewTest.live(conn, "/")

  What it does not have: clocks (`expire/1` plays them), permissions of API keys, schemas for settings, tokens that anybody
  would take, and a session's own event stream.
  """

  @behaviour Coatcheck.Adapter
  use GenServer
  alias Coatcheck.{Client, UUID}
  alias Coatcheck.Testing.Service

  @doc "Starts it, without any session. `Coatcheck` does so where it is the adapter."
  @spec start_link(term) :: GenServer.on_start()
  def start_link(_options), do: GenServer.start_link(__MODULE__, nil, name: __MODULE__)

  @doc "A visitor's id, with these settings. `subject:` is whom the session is bound to."
  @spec visitor(map, keyword) :: Client.id()
  def visitor(settings \\ %{}, options \\ []) do
    options = Keyword.validate!(options, [:subject])
    id = UUID.random()
    {:ok, _} = Client.patch(id, settings, adapter: __MODULE__)

    if options[:subject] do
      {:ok, session} = Client.rotate(id, subject: options[:subject], adapter: __MODULE__)
      session.id
    else
      id
    end
  end

  @doc "What the Plug session of this visitor holds, for `Plug.Test.init_test_session/2` or `live_isolated/3`."
  @spec session(Client.id()) :: %{String.t() => Client.id()}
  def session(id), do: %{"coatcheck_session" => id}

  @doc "Lets the session run out by its idle clock: nothing is left of it."
  @spec expire(Client.id()) :: :ok
  def expire(id), do: GenServer.call(__MODULE__, {:expire, id})

  @doc """
  Does something while no call that names this id is answered, as in an outage.

      Coatcheck.Testing.away(id, fn -> live(conn, "/") end)
  """
  @spec away(Client.id(), (() -> result)) :: result when result: term
  def away(id, fun) do
    :ok = GenServer.call(__MODULE__, {:away, id, true})
    fun.()
  after
    GenServer.call(__MODULE__, {:away, id, false})
  end

  @impl Coatcheck.Adapter
  def request(_config, method, path, headers, body, _timeout) do
    GenServer.call(__MODULE__, {:request, {method, path, Map.new(headers), body}})
  catch
    :exit, _ ->
      {:error, "Coatcheck.Testing is not started: Coatcheck has to be a child of the app's supervisor"}
  end

  @impl GenServer
  def init(nil), do: {:ok, {Service.new(), MapSet.new()}}

  @impl GenServer
  def handle_call({:request, {_method, path, _headers, body} = request}, _from, {service, away} = state) do
    text = path <> if(body, do: IO.iodata_to_binary(elem(body, 1)), else: "")

    if Enum.any?(away, &String.contains?(text, &1)) do
      {:reply, {:error, "it is away"}, state}
    else
      {{status, headers, body}, events, service} = Service.call(service, request)
      tell(events)
      {:reply, {:ok, {status, Map.put(headers, "coatcheck-version", "1"), body}}, {service, away}}
    end
  end

  def handle_call({:expire, id}, _from, {service, away}) do
    {events, service} = Service.expire(service, id)
    tell(events)
    {:reply, :ok, {service, away}}
  end

  def handle_call({:away, id, away?}, _from, {service, away}),
    do: {:reply, :ok, {service, if(away?, do: MapSet.put(away, id), else: MapSet.delete(away, id))}}

  if Code.ensure_loaded?(Phoenix.PubSub) do
    defp tell(events) do
      pubsub = Application.get_env(:coatcheck, :pubsub)
      if pubsub, do: for({id, event} <- events, do: Coatcheck.Feed.Listeners.pass_on(pubsub, id, event))
    end
  else
    defp tell(_events), do: :ok
  end
end
