if Code.ensure_loaded?(Plug.Conn) do
  defmodule Coatcheck.Handoff do
    @moduledoc """
    Where a live view's login arrives on the HTTP side. It redeems the one-time code together with the session id in the
    visitor's own cookie, so that a link can log in nobody as somebody else, puts the new id into the Plug session, renews
    that, and goes on to the page that the live view named.

        # router.ex, outside of the pipelines: Coatcheck.Plug would wait for a login that is just being made here
        get "/session/continue", Coatcheck.Handoff, else: "/login"

    `:else` is where it goes on with a code that is good no more (`/`). The code in the address is worth nothing after
    that, and the answer forbids that it is passed on as a referrer or kept.
    """

    @behaviour Plug
    import Plug.Conn
    require Logger
    alias Coatcheck.{Client, Error, UUID}

    @default_path "/session/continue"

    @doc "The path at which the router has this plug, if nobody says otherwise."
    @spec default_path() :: String.t()
    def default_path, do: @default_path

    @impl true
    def init(options), do: Keyword.validate!(options, else: "/")

    @impl true
    def call(conn, options) do
      conn = conn |> fetch_session() |> fetch_query_params() |> closed()

      case redeem(conn, conn.query_params["code"]) do
        {:ok, conn, payload} ->
          go(conn, local_path(payload))

        {:error, %Error{status: status}} when status in [nil, 429] or status >= 500 ->
          # Nobody is logged out by that. The same code may be tried again, which a reload does.
          conn
          |> put_resp_header("retry-after", "1")
          |> put_resp_content_type("text/plain")
          |> send_resp(503, "The login could not be finished just now. Load this page again.\n")
          |> halt()

        {:error, error} ->
          Logger.info("A login was not finished. #{Exception.message(error)}")
          go(conn, options[:else])
      end
    end

    @doc false
    @spec redeem(Plug.Conn.t(), term) :: {:ok, Plug.Conn.t(), term} | {:error, Error.t()}
    def redeem(conn, code) do
      id = get_session(conn, Coatcheck.Plug.session_key())

      with true <- is_binary(code) and UUID.valid?(id),
           {:ok, %{payload: payload, session: session}} <- Client.redeem(code, id) do
        {:ok, Coatcheck.Plug.move(conn, session), payload}
      else
        false ->
          {:error,
           %Error{
             code: "handoff_gone",
             status: 410,
             detail: "There is no code, or no session.",
             plug_status: 410
           }}

        {:error, error} ->
          {:error, error}
      end
    end

    defp closed(conn) do
      conn
      |> put_resp_header("cache-control", "no-store")
      |> put_resp_header("referrer-policy", "no-referrer")
    end

    defp go(conn, path) do
      conn |> put_resp_header("location", path) |> send_resp(302, "") |> halt()
    end

    # The payload is the app's own, and yet no redirect leads off this site.
    defp local_path(%{"to" => "/" <> rest = path}) do
      if String.starts_with?(rest, ["/", "\\"]) or path =~ ~r/[\x00-\x1f\x7f\\]/, do: "/", else: path
    end

    defp local_path(_payload), do: "/"
  end
end
