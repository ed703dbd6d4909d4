defmodule Coatcheck.HTTP do
  @moduledoc """
  Requests by OTP's own `:httpc`, with certificates verified. One profile is for calls, another for the feed, so that no
  call waits behind a stream.

      config = Coatcheck.Config.read()
      Coatcheck.HTTP.request(config, :get, "/livez", [], nil, 1000)
  """

  alias Coatcheck.Config

  @type answer :: {status :: pos_integer, headers :: %{optional(String.t()) => String.t()}, body :: binary}

  # Connections are kept, but no call waits on one that is busy: httpc's own default lets five queue up.
  @calls [max_sessions: 100, max_keep_alive_length: 0, keep_alive_timeout: 30_000]
  @streams [max_sessions: 0]

  @doc "One request, tried once. The error's text says what went wrong on the way and holds nothing that was sent."
  @spec request(Config.t(), atom, String.t(), [{String.t(), String.t()}], {String.t(), iodata} | nil, timeout) ::
          {:ok, answer} | {:error, String.t()}
  def request(config, method, path, headers, body, timeout) do
    options = [timeout: timeout, connect_timeout: timeout, autoredirect: false] ++ tls(config)
    profile = profile(:coatcheck, @calls)

    case :httpc.request(method, target(config, path, headers, body), options, [body_format: :binary], profile) do
      {:ok, {{_, status, _}, headers, body}} -> {:ok, {status, headers(headers), body}}
      {:error, reason} -> {:error, fault(reason)}
    end
  end

  @doc """
  Opens a stream. The calling process then gets httpc's messages, `{:http, {reference, …}}`.
  """
  @spec stream(Config.t(), String.t(), [{String.t(), String.t()}]) :: {:ok, reference} | {:error, String.t()}
  def stream(config, path, headers) do
    options = [timeout: :infinity, connect_timeout: 5000, autoredirect: false] ++ tls(config)
    profile = profile(:coatcheck_feed, @streams)
    how = [sync: false, stream: :self, body_format: :binary]

    case :httpc.request(:get, target(config, path, headers, nil), options, how, profile) do
      {:ok, reference} -> {:ok, reference}
      {:error, reason} -> {:error, fault(reason)}
    end
  end

  @spec close(reference) :: :ok
  def close(reference) do
    :httpc.cancel_request(reference, :coatcheck_feed)
    :ok
  end

  @doc "Headers as httpc gives them, by name in lower case."
  @spec headers([{charlist, charlist}]) :: %{optional(String.t()) => String.t()}
  def headers(list) do
    Map.new(list, fn {name, value} -> {name |> to_string() |> String.downcase(), to_string(value)} end)
  end

  @doc "A cause of httpc's in a word or two; what it says beyond that is not kept, as it may hold the request."
  @spec fault(term) :: String.t()
  def fault({:failed_connect, details}) do
    reason =
      Enum.find_value(details, "no connection", fn part ->
        is_tuple(part) and cause(elem(part, tuple_size(part) - 1))
      end)

    "could not connect: #{reason}"
  end

  def fault(reason), do: cause(reason) || "the connection failed"

  defp cause(reason) when is_atom(reason), do: to_string(reason)
  defp cause({:tls_alert, {alert, _text}}), do: "tls #{alert}"
  defp cause(_reason), do: nil

  defp target(config, path, headers, body) do
    headers = [{"authorization", "Bearer " <> config.api_key}, {"user-agent", "coatcheck-elixir"} | headers]
    headers = for {name, value} <- headers, do: {to_charlist(name), to_charlist(value)}
    url = to_charlist(config.url <> path)

    case body do
      nil -> {url, headers}
      {type, text} -> {url, headers, to_charlist(type), IO.iodata_to_binary(text)}
    end
  end

  defp profile(name, options) do
    if Process.whereis(:"httpc_#{name}") == nil do
      {:ok, _} = Application.ensure_all_started(:inets)
      {:ok, _} = Application.ensure_all_started(:ssl)

      case :inets.start(:httpc, profile: name) do
        {:ok, _pid} -> :httpc.set_options(options, name)
        {:error, {:already_started, _pid}} -> :ok
      end
    end

    name
  end

  defp tls(%Config{url: "https:" <> _} = config) do
    trusted =
      if config.cacertfile, do: [cacertfile: config.cacertfile], else: [cacerts: system_certificates()]

    match = [match_fun: :public_key.pkix_verify_hostname_match_fun(:https)]
    [ssl: [verify: :verify_peer, depth: 5, customize_hostname_check: match] ++ trusted]
  end

  defp tls(_config), do: []

  if Code.ensure_loaded?(:public_key) and function_exported?(:public_key, :cacerts_get, 0) do
    defp system_certificates, do: :public_key.cacerts_get()
  else
    defp system_certificates do
      raise "This OTP does not know the system's certificates: set `config :coatcheck, cacertfile: …`, or use OTP 25."
    end
  end
end
