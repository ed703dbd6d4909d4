# A chat that knows your name in its very first render: `elixir chat.exs`, with `npm start` in another terminal.
Mix.install([
  {:phoenix, "~> 1.7"},
  {:phoenix_live_view, "~> 1.0"},
  {:bandit, "~> 1.5"},
  {:jason, "~> 1.4"},
  {:coatcheck, path: Path.expand("../../clients/phoenix", __DIR__)}
])

first_key = fn ->
  File.read!(Path.expand("../../data/authorization.header", __DIR__)) |> String.split() |> List.last()
end

api_key = System.get_env("COATCHECK_API_KEY") || first_key.()

Application.put_all_env(
  coatcheck: [
    url: System.get_env("COATCHECK_URL", "http://127.0.0.1:3000"),
    api_key: api_key,
    pubsub: Chat.PubSub
  ],
  chat: [
    {Chat.Endpoint,
     adapter: Bandit.PhoenixAdapter,
     http: [ip: {127, 0, 0, 1}, port: String.to_integer(System.get_env("PORT", "4000"))],
     server: true,
     pubsub_server: Chat.PubSub,
     live_view: [signing_salt: "phoenix-chat"],
     secret_key_base: Base.encode16(:crypto.hash(:sha512, ["cookies of the chat", api_key]))}
  ]
)

defmodule Chat.Live do
  use Phoenix.LiveView
  on_mount Coatcheck.LiveView

  def mount(_params, _session, socket) do
    if connected?(socket), do: Phoenix.PubSub.subscribe(Chat.PubSub, "room")
    {:ok, assign(socket, said: [])}
  end

  def render(assigns) do
    ~H"""
    <h1>Hello, {@settings["username"] || "stranger"}!</h1>
    <p role="alert">{@flash["error"]}</p>
    <form phx-submit="name">
      <label>Your name <input name="username" value={@settings["username"]} maxlength="40" required /></label>
      <button>That's me</button>
    </form>
    <div role="log" aria-label="Messages">
      <ul id="said"><li :for={{name, text} <- @said}><b>{name}</b> {text}</li></ul>
    </div>
    <form :if={@settings["username"]} id={"say-#{length(@said)}"} phx-submit="say">
      <label>Message <input name="text" maxlength="400" required autofocus /></label> <button>Say</button>
    </form>
    """
  end

  def handle_event("name", %{"username" => name}, socket) do
    case Coatcheck.put(socket, "username", name) do
      {:ok, socket} -> {:noreply, clear_flash(socket)}
      {:error, error} -> {:noreply, put_flash(socket, :error, "Not kept: " <> Exception.message(error))}
    end
  end

  def handle_event("say", %{"text" => text}, socket) do
    Phoenix.PubSub.broadcast(Chat.PubSub, "room", {:said, socket.assigns.settings["username"], text})
    {:noreply, socket}
  end

  def handle_info({:said, name, text}, socket), do: {:noreply, update(socket, :said, &(&1 ++ [{name, text}]))}
end

defmodule Chat.Layout do
  use Phoenix.Component

  def root(assigns) do
    ~H"""
    <!doctype html>
    <html lang="en">
      <head>
        <meta charset="utf-8" /><title>Chat</title>
        <meta name="viewport" content="width=device-width, initial-scale=1" />
        <meta name="csrf-token" content={Plug.CSRFProtection.get_csrf_token()} />
        <link rel="icon" href="data:," />
        <style>
          :root { color-scheme: light dark; font: 1rem / 1.5 system-ui }
          body { max-width: 36rem; margin: 2rem auto; padding: 0 1rem; overflow-wrap: anywhere }
          input, button { box-sizing: border-box; max-width: 100%; min-height: 2.75rem; font: inherit }
        </style>
        <script src="/phoenix/phoenix.min.js"></script>
        <script src="/live_view/phoenix_live_view.min.js"></script>
        <script>
          const params = { _csrf_token: document.querySelector('[name=csrf-token]').content }
          new LiveView.LiveSocket('/live', Phoenix.Socket, { params }).connect()
        </script>
      </head>
      <body><main>{@inner_content}</main></body>
    </html>
    """
  end
end

defmodule Chat.Router do
  use Phoenix.Router
  import Phoenix.LiveView.Router

  pipeline :browser do
    plug :accepts, ["html"]
    plug :fetch_session
    plug Coatcheck.Plug
    plug :protect_from_forgery
    plug :put_root_layout, html: {Chat.Layout, :root}
  end

  scope "/" do
    pipe_through :browser
    live "/", Chat.Live
  end
end

defmodule Chat.Endpoint do
  use Phoenix.Endpoint, otp_app: :chat
  @session [store: :cookie, key: "_chat", signing_salt: "phoenix-chat", same_site: "Lax", max_age: 34_560_000]

  socket "/live", Phoenix.LiveView.Socket, websocket: [connect_info: [session: @session]]
  plug Plug.Static, from: {:phoenix, "priv/static"}, at: "/phoenix"
  plug Plug.Static, from: {:phoenix_live_view, "priv/static"}, at: "/live_view"
  plug Plug.Session, @session
  plug Chat.Router
end

children = [{Phoenix.PubSub, name: Chat.PubSub}, Coatcheck, Chat.Endpoint]
{:ok, _} = Supervisor.start_link(children, strategy: :one_for_one)
IO.puts("The chat is at #{Chat.Endpoint.url()}")
unless IEx.started?(), do: Process.sleep(:infinity)
