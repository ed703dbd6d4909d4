defmodule Coatcheck.HTTP do
  @moduledoc """
  One request and its answer, over a connection of the pool or a new one. The `Coatcheck.Adapter` of `Coatcheck.Config`
  if nothing else is said.

      {:ok, {200, _headers, _body}} = Coatcheck.HTTP.request(Coatcheck.Config.read(), :get, "/livez", [], nil, 1000)
  """

  alias Coatcheck.{Config, Connection, Pool}

  @behaviour Coatcheck.Adapter

  # Every call may be sent again, so that a kept connection which turns out to be closed is replaced by a new one.
  @impl true
  def request(config, method, path, headers, body, timeout) do
    deadline = now() + timeout
    {headers, text} = with_body(headers, body)
    ask = &exchange(&1, config, method, path, headers, text, deadline)

    case Pool.take(config) do
      nil ->
        fresh(config, ask, deadline)

      kept ->
        case ask.(kept) do
          {:error, fault} when fault in ["closed", "econnreset", "epipe", "enotconn"] ->
            fresh(config, ask, deadline)

          answered ->
            answered
        end
    end
  end

  @doc "Opens a stream: the answer's head, with a connection on which the body is still to come, or what refused it."
  @spec stream(Config.t(), String.t(), [{String.t(), String.t()}], pos_integer) ::
          {:ok, Connection.t()} | {:error, String.t()}
  def stream(config, path, headers, timeout) do
    deadline = now() + timeout

    with {:ok, connection} <- Connection.open(config, timeout) do
      with :ok <- Connection.ask(connection, :get, target(config, path), common(config) ++ headers, ""),
           {:ok, 200, answered, connection} <- Connection.head(connection, deadline),
           true <- stream?(answered) do
        {:ok, connection}
      else
        refused ->
          Connection.close(connection)
          {:error, why(refused)}
      end
    end
  end

  defp why({:ok, status, _headers, _connection}), do: "the service answered #{status}"
  defp why({:error, fault}), do: fault
  defp why(false), do: "what answered is no stream of Coatcheck's"

  defp stream?(headers) do
    Connection.chunked?(headers) and headers["coatcheck-version"] == "1" and
      String.starts_with?(headers["content-type"] || "", "text/event-stream")
  end

  defp fresh(config, ask, deadline) do
    with {:ok, connection} <- Connection.open(config, max(deadline - now(), 1)), do: ask.(connection)
  end

  defp exchange(connection, config, method, path, headers, text, deadline) do
    with :ok <- Connection.ask(connection, method, target(config, path), common(config) ++ headers, text),
         {:ok, status, answered, connection} <- Connection.head(connection, deadline),
         {:ok, body, connection} <- Connection.body(connection, method, status, answered, deadline) do
      Pool.put(config, connection)
      {:ok, {status, answered, body}}
    else
      {:error, fault} ->
        Connection.close(connection)
        {:error, fault}
    end
  end

  defp with_body(headers, nil), do: {headers, ""}

  defp with_body(headers, {type, text}) do
    {[{"content-type", type}, {"content-length", to_string(IO.iodata_length(text))} | headers], text}
  end

  defp common(config) do
    %URI{host: host, port: port} = URI.parse(config.url)
    host = if host =~ ":", do: "[#{host}]", else: host

    [
      {"host", "#{host}:#{port}"},
      {"authorization", "Bearer " <> config.api_key},
      {"user-agent", "coatcheck-elixir"}
    ]
  end

  defp target(config, path), do: (URI.parse(config.url).path || "") <> path
  defp now, do: System.monotonic_time(:millisecond)
end
