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

  @doc "A view before its mount. `connected: false` is the first render, which has the assigns of a conn."
  def view(options \\ []) do
    private = %{live_temp: %{}, lifecycle: %Lifecycle{}}

    private =
      if options[:conn], do: Map.put(private, :assign_new, {options[:conn].assigns, []}), else: private

    transport = if Keyword.get(options, :connected, true), do: self()
    %Socket{private: private, transport_pid: transport, router: CoatcheckTest.Router}
  end

  @doc "Mounts a connected view of the session in this process, at a path."
  def mount(id, how \\ :default, uri \\ "http://localhost/chat?room=1") do
    {:cont, socket} = Coatcheck.LiveView.on_mount(how, %{}, %{"coatcheck_session" => id}, view())
    {:cont, socket} = Lifecycle.handle_params(%{}, uri, socket)
    socket
  end

  @doc "Takes the next message for the view, as its process does. Answers what the hooks said, and the socket."
  def hear(socket, timeout \\ 5000) do
    receive do
      message when elem(message, 0) == Coatcheck -> Lifecycle.handle_info(message, socket)
    after
      timeout -> raise "The view heard nothing within #{timeout} ms."
    end
  end

  @doc "Takes messages until the condition holds."
  def hear_until(socket, condition) do
    if condition.(socket), do: socket, else: socket |> hear() |> elem(1) |> hear_until(condition)
  end

  @doc "Settings of an address where nobody listens."
  def nowhere, do: "http://127.0.0.1:1"

  @doc "Does something while the service is away."
  def while_away(fun, instead \\ nowhere()) do
    url = Application.fetch_env!(:coatcheck, :url)
    Application.put_env(:coatcheck, :url, instead)

    try do
      fun.()
    after
      Application.put_env(:coatcheck, :url, url)
    end
  end
end
