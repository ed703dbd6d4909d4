defmodule Coatcheck.Adapter do
  @moduledoc """
  Who answers the calls: `Coatcheck.HTTP`, which asks the service, or `Coatcheck.Testing`, which stands in for it in the
  tests of an app.

      config :coatcheck, adapter: Coatcheck.Testing
  """

  @type answer :: {status :: pos_integer, headers :: %{String.t() => String.t()}, body :: binary}

  @doc "Answers a request, with a body `{content_type, text}` or none; `path` is below that of the configured URL."
  @callback request(
              Coatcheck.Config.t(),
              method :: atom,
              path :: String.t(),
              headers :: [{String.t(), String.t()}],
              body :: {String.t(), iodata} | nil,
              timeout :: pos_integer
            ) :: {:ok, answer} | {:error, fault :: String.t()}
end
