defmodule Coatcheck.Request do
  @moduledoc """
  A call, repeated where that is safe: each write carries an `Idempotency-Key`, so that the service does it once however
  often it is sent. What is repeated is a call without an answer, and one that was answered 429 or 503, after the time
  that the answer asks for, if the deadline leaves it.

      Coatcheck.Request.call(:get, "/v1/sessions/\#{id}", [], deadline: 1000)
  """

  alias Coatcheck.{Config, Error, HTTP}

  @type answer :: %{status: pos_integer, headers: map, body: term}

  @doc """
  What is sent: `json:` a term, or `text:` what is JSON already; `type:` its content type; `headers:` more of them.
  `options` are those of `Coatcheck.Config`, `origin:` (the writer's name, for its own echo) and `idempotency_key:`.
  """
  @spec call(atom, String.t(), keyword, keyword) :: {:ok, answer} | {:error, Error.t()}
  def call(method, path, sent \\ [], options \\ []) do
    config = Config.read(options)
    deadline = now() + config.deadline
    headers = Keyword.get(sent, :headers, []) ++ origin(options) ++ repeating(method, options)
    try_call({config, method, path, headers, body(sent)}, deadline, 1)
  end

  defp try_call({config, method, path, headers, body} = call, deadline, attempt) do
    left = max(deadline - now(), 1)

    error =
      case HTTP.request(config, method, path, headers, body, left) do
        {:ok, {status, headers, text}} when status < 400 -> answer(status, headers, text)
        {:ok, {status, headers, text}} -> Error.from_problem(status, decoded(text), headers)
        {:error, fault} -> Error.unreachable("Coatcheck did not answer: #{fault}.")
      end

    with %Error{} <- error,
         true <- attempt < config.attempts,
         wait when is_integer(wait) <- wait(error, attempt),
         true <- now() + wait < deadline do
      Process.sleep(wait)
      try_call(call, deadline, attempt + 1)
    else
      %{headers: _} = answer -> {:ok, answer}
      _no_more -> {:error, error}
    end
  end

  # How long to wait before it is tried again, in ms; nil if it is not.
  defp wait(%Error{status: nil}, attempt), do: 50 * attempt + :rand.uniform(100)

  defp wait(%Error{status: status, retry_after: seconds}, attempt) when status in [429, 503] do
    1000 * (seconds || attempt) + :rand.uniform(250)
  end

  defp wait(_error, _attempt), do: nil

  defp answer(status, headers, text) do
    case decoded(text) do
      :invalid -> Error.unreachable("What answered is not Coatcheck: its answer is no JSON.")
      body -> %{status: status, headers: headers, body: body}
    end
  end

  defp decoded(""), do: nil

  defp decoded(text) do
    case Coatcheck.JSON.decode(text) do
      {:ok, value} -> value
      {:error, :invalid} -> :invalid
    end
  end

  defp body(sent) do
    type = Keyword.get(sent, :type, "application/json")

    cond do
      text = sent[:text] -> {type, text}
      Keyword.has_key?(sent, :json) -> {type, Coatcheck.JSON.encode!(sent[:json])}
      true -> nil
    end
  end

  defp origin(options) do
    case options[:origin] do
      nil -> []
      origin -> [{"coatcheck-origin", origin}]
    end
  end

  defp repeating(method, _options) when method in [:get, :head], do: []

  defp repeating(_method, options),
    do: [{"idempotency-key", options[:idempotency_key] || Coatcheck.UUID.random()}]

  defp now, do: System.monotonic_time(:millisecond)
end
