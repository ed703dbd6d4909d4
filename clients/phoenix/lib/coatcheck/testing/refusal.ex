defmodule Coatcheck.Testing.Refusal do
  @moduledoc false
  defexception [:status, :code, more: %{}]

  @impl true
  def message(refusal), do: refusal.code

  def answer(%__MODULE__{status: status, code: code, more: more}) do
    problem = %{
      code: code,
      status: status,
      title: code,
      type: "urn:coatcheck:problem:#{code}",
      detail: "Refused: #{code}."
    }

    {:ok, text} = Coatcheck.JSON.encode(Map.merge(problem, more))
    {status, %{"content-type" => "application/problem+json"}, text}
  end
end
