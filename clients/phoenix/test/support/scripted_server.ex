defmodule CoatcheckTest.ScriptedServer do
  @moduledoc """
  A server that answers as a test says, byte for byte, also wrongly or not at all.

      url = ScriptedServer.start(fn request, send -> send.("HTTP/1.1 204 No Content\\r\\n\\r\\n") end)
  """

  @doc "`answer` gets each request as a map, and a function that sends. Ends with the test. Options: `tls:`, for :ssl."
  def start(answer, options \\ []) do
    tls = options[:tls]
    listen = [:binary, active: false, reuseaddr: true, ip: {127, 0, 0, 1}, packet: :raw]
    {:ok, listener} = if tls, do: :ssl.listen(0, listen ++ tls), else: :gen_tcp.listen(0, listen)
    {:ok, {_ip, port}} = if tls, do: :ssl.sockname(listener), else: :inet.sockname(listener)

    ExUnit.Callbacks.start_supervised!({Task, fn -> accept(listener, answer, tls != nil) end},
      id: {:server, port}
    )

    if tls, do: "https://localhost:#{port}", else: "http://127.0.0.1:#{port}"
  end

  defp accept(listener, answer, tls?) do
    case connection(listener, tls?) do
      {:ok, socket} -> spawn_link(fn -> serve(socket, answer, tls?) end)
      {:error, _refused} -> :ok
    end

    accept(listener, answer, tls?)
  end

  defp connection(listener, false), do: :gen_tcp.accept(listener)

  defp connection(listener, true) do
    with {:ok, socket} <- :ssl.transport_accept(listener), do: :ssl.handshake(socket, 2000)
  end

  # The process that accepted owns the socket, which is as good here: nothing is active.
  defp serve(socket, answer, tls?) do
    module = if tls?, do: :ssl, else: :gen_tcp

    case request(socket, module, "") do
      {:ok, request} ->
        said = answer.(request, &module.send(socket, &1))
        if said == :close, do: module.close(socket), else: serve(socket, answer, tls?)

      :closed ->
        module.close(socket)
    end
  end

  defp request(socket, module, text) do
    with [head, rest] <- String.split(text, "\r\n\r\n", parts: 2),
         request = parse(head),
         length = String.to_integer(Map.get(request.headers, "content-length", "0")),
         true <- byte_size(rest) >= length do
      {:ok, Map.put(request, :body, rest)}
    else
      _incomplete ->
        case module.recv(socket, 0) do
          {:ok, more} -> request(socket, module, text <> more)
          {:error, _} -> :closed
        end
    end
  end

  defp parse(head) do
    [first | lines] = String.split(head, "\r\n")
    [method, path, _version] = String.split(first, " ")

    headers =
      Map.new(lines, fn line ->
        [name, value] = String.split(line, ":", parts: 2)
        {String.downcase(name), String.trim(value)}
      end)

    %{method: method, path: path, headers: headers}
  end

  @doc "An answer with a body, as of the service."
  def answer(status, body, headers \\ []), do: foreign(status, body, [{"coatcheck-version", "1"} | headers])

  @doc "A refusal of the service."
  def problem(status, code, headers \\ []),
    do: answer(status, ~s({"code":"#{code}","detail":"So it is.","status":#{status}}), headers)

  @doc "An answer with a body, as of anybody."
  def foreign(status, body, headers \\ []) do
    lines = for {name, value} <- headers, do: "#{name}: #{value}\r\n"

    [
      "HTTP/1.1 #{status} X\r\ncontent-type: application/json\r\n",
      lines,
      "content-length: #{byte_size(body)}\r\n\r\n",
      body
    ]
  end

  @doc "A piece of an answer that is sent in chunks."
  def chunk(text), do: [Integer.to_string(byte_size(text), 16), "\r\n", text, "\r\n"]
end
