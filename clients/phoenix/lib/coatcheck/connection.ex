defmodule Coatcheck.Connection do
  @moduledoc """
  HTTP/1.1 over one socket, with certificates verified. OTP's `:httpc` will not do here: a 503 with `Retry-After` it keeps
  to itself and waits, past every timeout, and its calls queue up behind each other and behind a stream.

      {:ok, connection} = Coatcheck.Connection.open(config, 1000)
      :ok = Coatcheck.Connection.ask(connection, :get, "/livez", [], "")
      {:ok, 200, headers, connection} = Coatcheck.Connection.head(connection, deadline)
      {:ok, body, _connection} = Coatcheck.Connection.body(connection, :get, 200, headers, deadline)

  Deadlines are `System.monotonic_time(:millisecond)`. A fault is a word or two and holds nothing that was sent.
  """

  alias Coatcheck.{Chunks, Config}

  @enforce_keys [:transport, :socket]
  defstruct [:transport, :socket, rest: "", keep?: true]

  @type t :: %__MODULE__{transport: :gen_tcp | :ssl, socket: term, rest: binary, keep?: boolean}
  @type headers :: %{optional(String.t()) => String.t()}
  @type fault :: {:error, String.t()}

  @most_head_bytes 65_536

  @doc "Connects to the service of this configuration, within so many ms."
  @spec open(Config.t(), pos_integer) :: {:ok, t} | fault
  def open(config, timeout) do
    %URI{scheme: scheme, host: host, port: port} = URI.parse(config.url)
    transport = if scheme == "https", do: :ssl, else: :gen_tcp
    {address, family} = address(host)

    options = [
      :binary,
      active: false,
      packet: :raw,
      nodelay: true,
      send_timeout: timeout,
      send_timeout_close: true
    ]

    case transport.connect(address, port, family ++ options ++ tls(config, host), timeout) do
      {:ok, socket} -> {:ok, %__MODULE__{transport: transport, socket: socket}}
      {:error, reason} -> {:error, "could not connect: #{word(reason)}"}
    end
  end

  @doc "Closes it."
  @spec close(t) :: :ok
  def close(%__MODULE__{transport: transport, socket: socket}) do
    transport.close(socket)
    :ok
  end

  @doc "Sends a request; `path` has to be encoded."
  @spec ask(t, atom, String.t(), [{String.t(), String.t()}], iodata) :: :ok | fault
  def ask(%__MODULE__{transport: transport, socket: socket}, method, path, headers, body) do
    lines = for {name, value} <- headers, do: [name, ": ", checked(value), "\r\n"]
    method = method |> to_string() |> String.upcase()

    case transport.send(socket, [method, " ", checked(path), " HTTP/1.1\r\n", lines, "\r\n", body]) do
      :ok -> :ok
      {:error, reason} -> {:error, word(reason)}
    end
  end

  @doc "The status and the headers of the answer, their names in lower case."
  @spec head(t, integer) :: {:ok, pos_integer, headers, t} | fault
  def head(connection, deadline) do
    case String.split(connection.rest, "\r\n\r\n", parts: 2) do
      [head, rest] ->
        with {:ok, status, headers} <- parse(head) do
          connection = %{connection | rest: rest, keep?: headers["connection"] != "close"}
          if status in 100..199, do: head(connection, deadline), else: {:ok, status, headers, connection}
        end

      [_unfinished] when byte_size(connection.rest) > @most_head_bytes ->
        {:error, "the answer has an endless head"}

      [_unfinished] ->
        with {:ok, connection} <- more(connection, deadline), do: head(connection, deadline)
    end
  end

  @doc "The body that belongs to this head."
  @spec body(t, atom, pos_integer, headers, integer) :: {:ok, binary, t} | fault
  def body(connection, method, status, headers, deadline) do
    length = Integer.parse(headers["content-length"] || "")

    cond do
      method == :head or status in [204, 304] ->
        {:ok, "", connection}

      chunked?(headers) ->
        chunked(%{connection | rest: ""}, Chunks.read(Chunks.new(), connection.rest), [], deadline)

      match?({_, ""}, length) ->
        sized(connection, elem(length, 0), deadline)

      true ->
        {:error, "the answer does not say how long it is"}
    end
  end

  @doc "Whether the body comes in chunks."
  @spec chunked?(headers) :: boolean
  def chunked?(headers), do: String.downcase(headers["transfer-encoding"] || "") == "chunked"

  @doc "Has the process that owns the socket sent the next piece, as `{:tcp | :ssl, socket, piece}`."
  @spec next(t) :: :ok | fault
  def next(%__MODULE__{transport: :gen_tcp, socket: socket}),
    do: socket |> :inet.setopts(active: :once) |> done()

  def next(%__MODULE__{transport: :ssl, socket: socket}), do: socket |> :ssl.setopts(active: :once) |> done()

  @doc "Makes the process the owner."
  @spec give(t, pid) :: :ok | fault
  def give(%__MODULE__{transport: transport, socket: socket}, pid),
    do: socket |> transport.controlling_process(pid) |> done()

  defp done(:ok), do: :ok
  defp done({:error, reason}), do: {:error, word(reason)}

  defp sized(connection, size, deadline) do
    case connection.rest do
      <<body::binary-size(size), rest::binary>> ->
        {:ok, body, %{connection | rest: rest}}

      _unfinished ->
        with {:ok, connection} <- more(connection, deadline), do: sized(connection, size, deadline)
    end
  end

  defp chunked(connection, {part, chunks}, parts, deadline) do
    parts = [parts, part]

    cond do
      Chunks.over?(chunks) ->
        {:ok, IO.iodata_to_binary(parts), %{connection | rest: chunks.rest}}

      Chunks.fault?(chunks) ->
        {:error, "the answer is no HTTP"}

      true ->
        with {:ok, %{rest: piece} = connection} <- more(connection, deadline) do
          chunked(%{connection | rest: ""}, Chunks.read(chunks, piece), parts, deadline)
        end
    end
  end

  defp more(%__MODULE__{transport: transport, socket: socket} = connection, deadline) do
    case transport.recv(socket, 0, max(deadline - System.monotonic_time(:millisecond), 0)) do
      {:ok, piece} -> {:ok, %{connection | rest: connection.rest <> piece}}
      {:error, reason} -> {:error, word(reason)}
    end
  end

  defp parse(head) do
    [first | lines] = String.split(head, "\r\n")

    with ["HTTP/1." <> _, status | _] <- String.split(first, " ", parts: 3),
         {status, ""} <- Integer.parse(status) do
      headers =
        for line <- lines, [name, value] <- [String.split(line, ":", parts: 2)], into: %{} do
          {String.downcase(name), String.trim(value)}
        end

      {:ok, status, headers}
    else
      _ -> {:error, "the answer is no HTTP"}
    end
  end

  # Nothing that is sent may begin a line of its own.
  defp checked(text) do
    if text =~ ~r/[\x00-\x1f\x7f]/,
      do: raise(ArgumentError, "A header or path may not hold control characters.")

    text
  end

  defp address(host) do
    case :inet.parse_address(to_charlist(host)) do
      {:ok, address} when tuple_size(address) == 8 -> {address, [:inet6]}
      {:ok, address} -> {address, []}
      {:error, _} -> {to_charlist(host), []}
    end
  end

  defp tls(%Config{url: "https:" <> _} = config, host) do
    trusted =
      if config.cacertfile, do: [cacertfile: config.cacertfile], else: [cacerts: system_certificates()]

    match = [match_fun: :public_key.pkix_verify_hostname_match_fun(:https)]
    name = [server_name_indication: to_charlist(host), customize_hostname_check: match]
    [verify: :verify_peer, depth: 5, log_level: :warning] ++ name ++ trusted
  end

  defp tls(_config, _host), do: []

  if Code.ensure_loaded?(:public_key) and function_exported?(:public_key, :cacerts_get, 0) do
    defp system_certificates, do: :public_key.cacerts_get()
  else
    defp system_certificates do
      raise "This OTP does not know the system's certificates: set `config :coatcheck, cacertfile: …`, or use OTP 25."
    end
  end

  @doc "A reason of a socket's, in a word."
  @spec word(term) :: String.t()
  def word(reason) when is_atom(reason), do: to_string(reason)
  def word({:tls_alert, {alert, _text}}), do: "tls #{alert}"
  def word(_reason), do: "the connection failed"
end
