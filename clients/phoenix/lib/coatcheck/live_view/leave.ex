if Code.ensure_loaded?(Phoenix.LiveView) and Code.ensure_loaded?(Plug.Conn) do
  defmodule Coatcheck.LiveView.Leave do
    @moduledoc """
    How a live view sends its browser to the HTTP side, which alone can set a cookie.

        {:ok, socket} = Coatcheck.LiveView.Leave.handoff(socket, subject: "user-42", to: "/chat")
    """

    import Phoenix.LiveView, only: [redirect: 2]
    alias Coatcheck.{Client, Error, Handoff, Holder, JSON}
    alias Phoenix.LiveView.Socket

    @doc "A login: see `Coatcheck.handoff/2`."
    @spec handoff(Socket.t(), keyword) :: {:ok, Socket.t()} | {:error, Error.t()}
    def handoff(socket, options) do
      options =
        Keyword.validate!(options, [
          :subject,
          :expires_in_seconds,
          :to,
          payload: %{},
          via: Handoff.default_path()
        ])

      with {:ok, payload} <- payload(options[:payload], options[:to]),
           asked = [payload: payload] ++ Keyword.take(options, [:subject, :expires_in_seconds]),
           {:ok, %{code: code}} <- Client.handoff(Holder.session(socket).id, asked) do
        {:ok, redirect(socket, to: options[:via] <> "?" <> URI.encode_query(code: code))}
      end
    end

    defp payload(given, to) do
      case JSON.through(given) do
        {:ok, %{} = payload} when is_binary(to) -> {:ok, Map.put(payload, "to", to)}
        {:ok, %{} = payload} -> {:ok, Map.put_new(payload, "to", "/")}
        {:ok, _other} -> raise ArgumentError, "The payload of a hand-off from a live view is a map."
        :error -> {:error, Error.unstorable()}
      end
    end

    @doc "A log-out, once the session was ended."
    @spec log_out(Socket.t(), keyword) :: Socket.t()
    def log_out(socket, options), do: redirect(socket, to: Keyword.get(options, :to, "/"))
  end
end
