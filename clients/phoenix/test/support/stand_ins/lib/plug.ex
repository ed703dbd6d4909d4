defmodule Plug do
  @moduledoc "A stand-in: the behaviour of a plug."
  @callback init(term) :: term
  @callback call(Plug.Conn.t(), term) :: Plug.Conn.t()
end

defmodule Plug.Session.Store do
  @moduledoc "A stand-in: the behaviour of a session store."
  @callback init(keyword) :: term
  @callback get(Plug.Conn.t(), binary, term) :: {term, map}
  @callback put(Plug.Conn.t(), term, map, term) :: binary
  @callback delete(Plug.Conn.t(), term, term) :: :ok

  def get(store), do: Module.concat(Plug.Session, store |> Atom.to_string() |> String.upcase())
end

defmodule Plug.Conn do
  @moduledoc "A stand-in: a request and its answer, in memory."
  defstruct method: "GET",
            request_path: "/",
            query_string: "",
            query_params: %{},
            req_headers: [],
            resp_headers: [{"cache-control", "max-age=0, private, must-revalidate"}],
            resp_body: nil,
            status: nil,
            state: :unset,
            halted: false,
            assigns: %{},
            private: %{}

  @type t :: %__MODULE__{}

  def assign(conn, key, value), do: %{conn | assigns: Map.put(conn.assigns, key, value)}
  def put_private(conn, key, value), do: %{conn | private: Map.put(conn.private, key, value)}
  def halt(conn), do: %{conn | halted: true}
  def get_req_header(conn, name), do: for({^name, value} <- conn.req_headers, do: value)
  def put_req_header(conn, name, value), do: %{conn | req_headers: [{name, value} | conn.req_headers]}
  def get_resp_header(conn, name), do: for({^name, value} <- conn.resp_headers, do: value)

  def put_resp_header(conn, name, value) do
    %{conn | resp_headers: List.keystore(conn.resp_headers, name, 0, {name, value})}
  end

  def put_resp_content_type(conn, type), do: put_resp_header(conn, "content-type", type <> "; charset=utf-8")
  def send_resp(conn, status, body), do: %{conn | status: status, resp_body: body, state: :sent}
  def fetch_query_params(conn), do: %{conn | query_params: URI.decode_query(conn.query_string)}

  def fetch_session(%{private: %{plug_session: _}} = conn, _options \\ []), do: conn
  def get_session(%{private: %{plug_session: session}}), do: session
  def get_session(conn, key), do: conn |> get_session() |> Map.get(to_string(key))
  def put_session(conn, key, value), do: change(conn, &Map.put(&1, to_string(key), value))
  def delete_session(conn, key), do: change(conn, &Map.delete(&1, to_string(key)))
  def clear_session(conn), do: change(conn, fn _session -> %{} end)

  def configure_session(conn, options) do
    name = Enum.find([:renew, :drop, :ignore], &options[&1])
    if name, do: put_private(conn, :plug_session_info, name), else: conn
  end

  defp change(conn, fun) do
    private =
      conn.private
      |> Map.put(:plug_session, fun.(get_session(conn)))
      |> Map.put_new(:plug_session_info, :write)

    %{conn | private: private}
  end
end

defmodule Plug.Test do
  @moduledoc "A stand-in: requests for tests."

  def conn(method, path) do
    [path | query] = String.split(path, "?", parts: 2)

    %Plug.Conn{
      method: method |> to_string() |> String.upcase(),
      request_path: path,
      query_string: Enum.join(query)
    }
  end

  def init_test_session(conn, session) do
    conn = Plug.Conn.put_private(conn, :plug_session, %{})
    Enum.reduce(session, conn, fn {key, value}, conn -> Plug.Conn.put_session(conn, key, value) end)
  end
end
