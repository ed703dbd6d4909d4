defmodule Coatcheck.Request do
  @moduledoc """
  A call, repeated where that is safe: each write carries an `Idempotency-Key`, so that the service does it once however
  often it is sent. What is repeated is a call without an answer, and one that was answered 429 or 503, after the time
  that the answer asks for, if the deadline leaves it.

      Coatcheck.Request.call(:get, :get, "/v1/sessions/\#{id}", [read: &Coatcheck.Answer.session(&1, id)], deadline: 1000)

  A call is done where the service has said so, and in no other case: the answer has the service's mark
  (`Coatcheck-Version: 1`), a status that this call has, and what belongs to it. Everything else is a proxy's, a maintenance
  page's or another service's, and the call ends as `unreachable`.
  """

  alias Coatcheck.{Answer, Config, Error, JSON, Telemetry}

  @own [:origin, :idempotency_key]

  @doc """
  `name` is what telemetry calls it. `sent` has `json:` a term, if there is a body; `type:` its content type; `headers:`
  more of them; and `read:` what makes the result out of a `Coatcheck.Answer`, or says `:error`.

  `options` are those of `Coatcheck.Config`, `origin:` (the writer's name, for its own echo) and `idempotency_key:`.
  """
  @spec call(atom, atom, String.t(), keyword, keyword) :: {:ok, term} | {:error, Error.t()}
  def call(name, method, path, sent, options) do
    Config.check!(options, @own)
    config = options |> Config.only() |> Config.read()

    with {:ok, body} <- body(sent) do
      began = System.monotonic_time()
      headers = Keyword.get(sent, :headers, []) ++ origin(options) ++ repeating(method, options)
      deadline = now() + config.deadline
      {attempts, result} = try_call({config, method, path, headers, body, sent[:read]}, deadline, 1)
      told(name, result, %{duration: System.monotonic_time() - began, attempts: attempts})
      result
    end
  end

  defp try_call({config, method, path, headers, body, read} = call, deadline, attempt) do
    result =
      judge(config.adapter.request(config, method, path, headers, body, max(deadline - now(), 1)), read)

    with {:error, error} <- result,
         true <- attempt < config.attempts,
         wait when is_integer(wait) <- wait(error, attempt),
         true <- now() + wait < deadline do
      Process.sleep(wait)
      try_call(call, deadline, attempt + 1)
    else
      _over -> {attempt, result}
    end
  end

  defp judge({:error, fault}, _read), do: {:error, Error.unreachable("Coatcheck did not answer: #{fault}.")}

  defp judge({:ok, {status, headers, text}}, read) do
    with {:ok, answer} <- Answer.new(status, headers, text),
         {:ok, result} <- read.(answer) do
      {:ok, result}
    else
      {:error, %Error{} = error} ->
        {:error, error}

      :error ->
        {:error, Error.unreachable("What answered is not Coatcheck, or not in this version: #{status}.")}
    end
  end

  # How long to wait before it is tried again, in ms; nil if it is not.
  defp wait(%Error{status: nil}, attempt), do: 50 * attempt + :rand.uniform(100)

  defp wait(%Error{status: status, retry_after: seconds}, attempt) when status in [429, 503] do
    1000 * (seconds || attempt) + :rand.uniform(250)
  end

  defp wait(_error, _attempt), do: nil

  defp body(sent) do
    case Keyword.fetch(sent, :json) do
      :error ->
        {:ok, nil}

      {:ok, value} ->
        case JSON.encode(value) do
          {:ok, text} -> {:ok, {Keyword.get(sent, :type, "application/json"), text}}
          :error -> {:error, Error.unstorable()}
        end
    end
  end

  # Whoever was answered knows that the service is there again.
  if Code.ensure_loaded?(Coatcheck.Feed.Listeners) do
    defp wake_feed, do: Coatcheck.Feed.Listeners.answered()
  else
    defp wake_feed, do: :ok
  end

  defp told(name, {:ok, _}, measured) do
    :ok = wake_feed()
    Telemetry.tell([:call, :stop], measured, %{call: name, status: nil, code: nil})
  end

  defp told(name, {:error, error}, measured) do
    Telemetry.tell([:call, :stop], measured, %{call: name, status: error.status, code: error.code})
  end

  defp origin(options), do: if(options[:origin], do: [{"coatcheck-origin", options[:origin]}], else: [])

  defp repeating(:get, _options), do: []

  defp repeating(_method, options),
    do: [{"idempotency-key", options[:idempotency_key] || Coatcheck.UUID.random()}]

  defp now, do: System.monotonic_time(:millisecond)
end
