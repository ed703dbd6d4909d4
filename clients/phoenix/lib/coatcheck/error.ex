defmodule Coatcheck.Error do
  @moduledoc """
  Why a call was not done. Switch on `code`, which is one of the closed list of the service (`docs/errors.md` there), or
  `"unreachable"` where no answer of the service came, or `"unstorable"` where the value is no JSON.

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

  @doc "No answer came in time, or none that was one of the service. Whether a write was done is not known."
  @spec unreachable(String.t()) :: t
  def unreachable(detail), do: %__MODULE__{detail: detail}

  @doc "The value, of which nothing is said, is none that JSON can hold."
  @spec unstorable() :: t
  def unstorable do
    %__MODULE__{
      code: "unstorable",
      plug_status: 500,
      detail:
        "The value cannot be written as JSON. Give strings, numbers, booleans, nil, and lists and maps of them."
    }
  end

  @doc "Of a session that was never written, or whose key is not there. Whoever deletes it has nothing to do."
  @spec key_not_found() :: t
  def key_not_found,
    do: %__MODULE__{code: "key_not_found", status: 404, plug_status: 500, detail: "There is no such key."}

  @doc "The error that a problem document of the service tells of; `:error` if it is none."
  @spec from_problem(pos_integer, %{optional(String.t()) => String.t()}, term) :: {:ok, t} | :error
  def from_problem(status, headers, %{"code" => code, "detail" => detail, "status" => status} = problem)
      when is_binary(code) and is_binary(detail) do
    {:ok,
     %__MODULE__{
       code: code,
       status: status,
       detail: detail,
       reason: text(problem["reason"]),
       ended_seconds_ago: seconds_between(problem["endedAt"], headers["date"]),
       retry_after: whole_number(headers["retry-after"]),
       plug_status: if(status == 503, do: 503, else: 500)
     }}
  end

  def from_problem(_status, _headers, _body), do: :error

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
