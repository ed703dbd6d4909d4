defmodule CoatcheckTest.Helpers do
  @moduledoc "Visitors, requests and views, as the tests need them."

  alias Coatcheck.UUID
  alias Phoenix.LiveView.{Lifecycle, Socket}

  def new_id, do: UUID.random()

  @doc "A request of a visitor whose Plug session holds this."
  def request(session \\ %{}, method \\ :get, path \\ "/") do
    method
    |> Plug.Test.conn(path)
    |> Plug.Conn.put_req_header("accept", "text/html")
    |> Plug.Test.init_test_session(session)
    |> Map.update!(:private, &Map.delete(&1, :plug_session_info))
  end

  def visit(session \\ %{}, options \\ []) do
    Coatcheck.Plug.call(request(session), Coatcheck.Plug.init(options))
  end

  @doc "Whether a cookie would be sent with the answer."
  def writes_session?(conn), do: conn.private[:plug_session_info] != nil

  @doc """
  A view before its mount. `connected: false` is the first render, which has the assigns of a conn. `where:` is `:router`,
  `:nested` within another view, `:sticky`, or `:embedded` in the page of a controller.
  """
  def view(options \\ []) do
    private = %{live_temp: %{}, lifecycle: %Lifecycle{}}

    private =
      if options[:conn], do: Map.put(private, :assign_new, {options[:conn].assigns, []}), else: private

    transport = if Keyword.get(options, :connected, true), do: self()
    socket = %Socket{private: private, transport_pid: transport, view: CoatcheckTest.View, root_pid: self()}

    case Keyword.get(options, :where, :router) do
      :router -> %{socket | router: CoatcheckTest.Router}
      :sticky -> Map.replace(%{socket | router: CoatcheckTest.Router}, :sticky?, true)
      :nested -> %{socket | router: CoatcheckTest.Router, parent_pid: self(), root_pid: spawn(fn -> nil end)}
      :embedded -> socket
    end
  end

  @doc """
  Mounts a connected view of the session in this process, as LiveView does: `handle_params` is called if there is anything
  to call, and then only a view that the router mounted may have it. Options: `how:`, `uri:`, `session:`, and those of
  `view/1`.
  """
  def mount(id, options \\ []) do
    uri = Keyword.get(options, :uri, "http://localhost/chat?room=1")
    params = if Keyword.get(options, :where, :router) == :router, do: %{}, else: :not_mounted_at_router
    session = Map.put(Keyword.get(options, :session, %{}), "coatcheck_session", id)

    {:cont, socket} =
      Coatcheck.LiveView.on_mount(Keyword.get(options, :how, :default), params, session, view(options))

    cond do
      not Lifecycle.stage_info(socket, CoatcheckTest.View, :handle_params, 3).any? -> socket
      socket.root_pid != self() or params == :not_mounted_at_router -> raise "cannot invoke handle_params/3"
      true -> params |> Lifecycle.handle_params(uri, socket) |> elem(1)
    end
  end

  @doc "A component of the view, with these assigns. It is of the view's process."
  def component(socket, assigns) do
    myself = %{__changed__: %{}, flash: %{}, myself: %Phoenix.LiveComponent.CID{cid: 1}}
    %{socket | assigns: Map.merge(myself, assigns), private: %{live_temp: %{}}, redirected: nil}
  end

  @doc "An event of the page, as the view's own `handle_event` gets it."
  def event(socket, name \\ "click") do
    {:cont, socket} = Lifecycle.handle_event(name, %{}, socket)
    socket
  end

  @doc "Takes the next message for the view, as its process does. Answers what the hooks said, and the socket."
  def hear(socket, timeout \\ 5000) do
    receive do
      message
      when elem(message, 0) in [Coatcheck, Coatcheck.LiveView, :DOWN] or is_reference(elem(message, 0)) ->
        Lifecycle.handle_info(message, socket)
    after
      timeout -> raise "The view heard nothing within #{timeout} ms."
    end
  end

  @doc "Takes messages until the condition holds."
  def hear_until(socket, condition) do
    if condition.(socket), do: socket, else: socket |> hear() |> elem(1) |> hear_until(condition)
  end

  @doc "Takes what has come for the view so far, and answers what it showed each time."
  def shown(socket, shown \\ []) do
    receive do
      message
      when elem(message, 0) in [Coatcheck, Coatcheck.LiveView, :DOWN] or is_reference(elem(message, 0)) ->
        {_, socket} = Lifecycle.handle_info(message, socket)
        shown(socket, [socket.assigns.settings | shown])
    after
      0 -> {Enum.reverse(shown), socket}
    end
  end

  @doc "Settings of an address where nobody listens."
  def nowhere, do: "http://127.0.0.1:1"

  @doc "Does something while the service is away, whoever answers for it otherwise."
  def while_away(fun, instead \\ nowhere()) do
    before = Application.get_all_env(:coatcheck)
    Application.put_all_env(coatcheck: [url: instead, adapter: Coatcheck.HTTP])

    try do
      fun.()
    after
      Application.delete_env(:coatcheck, :adapter)
      Application.put_all_env(coatcheck: before)
    end
  end
end
