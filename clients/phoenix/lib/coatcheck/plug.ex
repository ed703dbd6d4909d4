if Code.ensure_loaded?(Plug.Conn) do
  defmodule Coatcheck.Plug do
    @moduledoc """
    Gives each visitor a session id in the Plug session, and has the settings there before the first render.

        pipeline :browser do
          plug :fetch_session
          plug Coatcheck.Plug
        end

        # then, in any controller or template
        conn.assigns.settings["username"]

    `conn.assigns.coatcheck` is the whole `Coatcheck.Session`: whom it is bound to (`subject`), `expires_at`. It costs one
    call; a visitor without an id costs none, and leaves nothing in the store until the first write.

    ## When the session was ended

    - `rotated`: a login in another tab, whose new cookie may be on its way. A fresh id would take its place and undo the
      login. So a page is answered that loads itself again after a second, without a cookie, for `:wait_seconds` (10)
      after the login at most; whatever is no load of a page gets 409. Only after that a new session begins.
    - `deleted`, `revoked`: the visitor has logged out, perhaps everywhere. The Plug session is cleared, for what it holds
      of a login is void as well, and renewed, with a new id. That is made of the old one and the API key: all tabs that
      come at the same time, and the log-out itself, get the same, whichever answer sets its cookie last.

    ## When the service is away

    That is no log-out: the cookie stays as it is, and the page is rendered with what this node last knew of the settings,
    at most five minutes old, or with none. `conn.assigns.coatcheck.away?` says so.

    ## Options

    `:wait_seconds`, and those of `Coatcheck.Config` for the one call, which may take a second (`deadline: 1000`).
    """

    @behaviour Plug
    import Plug.Conn
    require Logger
    alias Coatcheck.{Client, Config, Error, LastKnown, Session, UUID}

    @key "coatcheck_session"
    @refresh_seconds 1
    @together_seconds 10
    @at_most 5

    @doc "The key of the Plug session under which the id stands."
    @spec session_key() :: String.t()
    def session_key, do: @key

    @impl true
    def init(options) do
      :ok = Config.check!(options, [:wait_seconds])
      Keyword.merge([wait_seconds: 10, deadline: 1000], options)
    end

    @impl true
    def call(conn, options) do
      conn = fetch_session(conn)
      {wait_seconds, options} = Keyword.pop!(options, :wait_seconds)
      id = get_session(conn, @key)

      case UUID.valid?(id) && find(id, options, wait_seconds, @at_most) do
        false -> go_on(conn, Session.unwritten(UUID.random()))
        :wait -> wait(conn)
        %Session{id: ^id} = session -> hold(conn, session)
        session -> conn |> cleared() |> go_on(session)
      end
    end

    # The session under this id, or under those that follow on it. Who logs out again and again comes to an end nevertheless.
    defp find(_id, _options, _wait_seconds, 0), do: Session.unwritten(UUID.random())

    defp find(id, options, wait_seconds, left) do
      case Client.get(id, options) do
        {:ok, session} ->
          LastKnown.keep(session)
          session

        {:error, %Error{code: "session_gone", reason: reason, ended_seconds_ago: ago}} ->
          if reason == "rotated" and (ago || 0) < wait_seconds,
            do: :wait,
            else: id |> after_end(ago || 0) |> find(options, wait_seconds, left - 1)

        {:error, error} ->
          Logger.error(
            "Settings could not be read; the page goes on with what was last known. #{Exception.message(error)}"
          )

          LastKnown.away(id)
      end
    end

    defp go_on(conn, session), do: conn |> put_session(@key, session.id) |> hold(session)

    # The id that follows on one that ended so many seconds ago: the same for the log-out and all who come with it, for all who
    # come at about the same time later, and for nobody else who still has an old cookie.
    defp after_end(id, ago) do
      minute = if ago < @together_seconds, do: "", else: to_string(div(System.os_time(:second), 60))
      UUID.of_secret(:crypto.mac(:hmac, :sha256, Config.read().api_key || "", [id, minute]))
    end

    @doc false
    @spec log_in(Plug.Conn.t(), String.t()) :: {:ok, Plug.Conn.t()} | {:error, Error.t()}
    def log_in(conn, subject) do
      with {:ok, session} <- Client.rotate(Coatcheck.Holder.session(conn).id, subject: subject) do
        {:ok, move(conn, session)}
      end
    end

    @doc false
    @spec logged_out(Plug.Conn.t()) :: Plug.Conn.t()
    def logged_out(conn) do
      id = after_end(Coatcheck.Holder.session(conn).id, 0)
      conn |> cleared() |> go_on(Session.unwritten(id))
    end

    defp cleared(conn), do: conn |> clear_session() |> configure_session(renew: true)

    @doc "Goes on with the session under its new id, as after a login: the rest of the Plug session comes along."
    @spec move(Plug.Conn.t(), Session.t()) :: Plug.Conn.t()
    def move(conn, session) do
      # The forgery token is drawn anew with the next page, as whoever knew the old id may know it.
      conn
      |> configure_session(renew: true)
      |> delete_session("_csrf_token")
      |> put_session(@key, session.id)
      |> hold(session)
    end

    defp hold(conn, session), do: Coatcheck.Holder.hold(conn, session)

    # Nothing of the session is written here, so that no cookie is sent.
    defp wait(conn) do
      if conn.method in ["GET", "HEAD"] and takes_html?(conn) do
        conn
        |> put_resp_header("refresh", to_string(@refresh_seconds))
        |> put_resp_header("cache-control", "no-store")
        |> put_resp_content_type("text/html")
        |> send_resp(200, page())
        |> halt()
      else
        conn
        |> put_resp_header("retry-after", to_string(@refresh_seconds))
        |> put_resp_header("cache-control", "no-store")
        |> put_resp_content_type("text/plain")
        |> send_resp(409, "You have just logged in in another tab. Load the page again, then repeat this.\n")
        |> halt()
      end
    end

    defp takes_html?(conn) do
      accepted = conn |> get_req_header("accept") |> Enum.join(",")
      accepted == "" or accepted =~ "text/html"
    end

    defp page do
      """
      <!doctype html>
      <html lang="en"><head><meta charset="utf-8"><meta http-equiv="refresh" content="#{@refresh_seconds}">
      <title>One moment</title><link rel="icon" href="data:,"></head><body><p>One moment: you have just logged in in another tab.</p></body></html>
      """
    end
  end

  defimpl Coatcheck.Holder, for: Plug.Conn do
    def session(%{assigns: %{coatcheck: session}}), do: session

    def session(_conn),
      do: raise(ArgumentError, "This conn holds no session: `plug Coatcheck.Plug` has to run before.")

    def hold(conn, session) do
      conn |> Plug.Conn.assign(:coatcheck, session) |> Plug.Conn.assign(:settings, session.settings)
    end

    def wrote(conn, write), do: hold(conn, Coatcheck.Follow.wrote(session(conn), write))
    def logged_out(conn, []), do: Coatcheck.Plug.logged_out(conn)

    def logged_out(_conn, _options),
      do:
        raise(
          ArgumentError,
          "Coatcheck.log_out/2 takes options for a socket only: redirect the conn yourself."
        )
  end
end
