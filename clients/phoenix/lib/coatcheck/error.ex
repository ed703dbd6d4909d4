defmodule Coatcheck.Error do
  @moduledoc """
  Why a call was not done. Switch on `code`, which is one of the closed list of the service (`docs/errors.md` there), or
  `"unreachable"` where no answer came.

      case Coatcheck.put(socket, "theme", "dark") do
        {:ok, socket} -> {:noreply, socket}
        {:error, %Coatcheck.Error{code: "session_gone"}} -> {:noreply, socket}
        {:error, error} -> {:noreply, put_flash(socket, :error, Exception.message(error))}
      end

  It holds no value and no secret, so it may be logged.
  """

  @type t :: %__MODULE__{
          code: String.t(),
          status: pos_integer | nil,
          detail: String.t(),
          reason: String.t() | nil,
          ended_seconds_ago: integer | nil,
          retry_after: non_neg_integer | nil,
          plug_status: pos_integer
        }

  defexception code: "unreachable",
               status: nil,
               detail: "",
               reason: nil,
               ended_seconds_ago: nil,
               retry_after: nil,
               plug_status: 503

  @impl true
  def message(%__MODULE__{code: code, detail: detail}), do: "#{detail} (#{code})"

  @doc "Whether the session was ended: `reason` then says how (`deleted`, `rotated` or `revoked`)."
  @spec gone?(t) :: boolean
  def gone?(%__MODULE__{code: code}), do: code == "session_gone"

  @doc "No answer came in time, or none that was an answer."
  @spec unreachable(String.t()) :: t
  def unreachable(detail), do: %__MODULE__{detail: detail}

  @doc "The error that a problem document of the service tells of. `date` is the answer's own clock."
  @spec from_problem(pos_integer, term, %{optional(String.t()) => String.t()}) :: t
  def from_problem(status, problem, headers) do
    problem = if is_map(problem), do: problem, else: %{}

    %__MODULE__{
      code: text(problem["code"]) || "unexpected_answer",
      status: status,
      detail: text(problem["detail"]) || "The service answered #{status}.",
      reason: text(problem["reason"]),
      ended_seconds_ago: seconds_between(problem["endedAt"], headers["date"]),
      retry_after: whole_number(headers["retry-after"]),
      plug_status: if(status == 503, do: 503, else: 500)
    }
  end

  defp text(value), do: if(is_binary(value), do: value)

  defp whole_number(text) do
    case Integer.parse(text || "") do
      {seconds, ""} when seconds >= 0 -> seconds
      _ -> nil
    end
  end

  # By the service's clock on both sides, as that of this machine may be another.
  defp seconds_between(ended_at, date) when is_binary(ended_at) do
    with {:ok, ended, _} <- DateTime.from_iso8601(ended_at) do
      DateTime.diff(answered_at(date), ended)
    else
      _ -> nil
    end
  end

  defp seconds_between(_ended_at, _date), do: nil

  defp answered_at(date) when is_binary(date) do
    case :httpd_util.convert_request_date(String.to_charlist(date)) do
      {{_, _, _}, {_, _, _}} = time -> time |> NaiveDateTime.from_erl!() |> DateTime.from_naive!("Etc/UTC")
      _ -> DateTime.utc_now()
    end
  end

  defp answered_at(_date), do: DateTime.utc_now()
end
