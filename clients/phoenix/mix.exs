defmodule Coatcheck.MixProject do
  use Mix.Project

  @version "0.1.0"

  def project do
    [
      app: :coatcheck,
      version: @version,
      elixir: "~> 1.14",
      description: "Session settings for Phoenix and LiveView, kept in the Coatcheck service.",
      package: [licenses: ["Apache-2.0"], links: %{}],
      docs: docs(),
      deps: deps(Code.ensure_loaded?(Hex))
    ]
  end

  def application do
    [extra_applications: [:logger, :inets, :ssl, :crypto, :public_key]]
  end

  # What an app has already. All of it is optional: a module that needs a library is there if the library is.
  defp deps(_hex? = true) do
    [
      {:jason, "~> 1.2", optional: true},
      {:plug, "~> 1.14", optional: true},
      {:phoenix_pubsub, "~> 2.1", optional: true},
      {:phoenix_live_view, "~> 0.20 or ~> 1.0", optional: true},
      {:telemetry, "~> 1.0", optional: true},
      {:ex_doc, "~> 0.34", only: :dev, runtime: false}
    ]
  end

  # Without Hex nothing can be fetched, and the tests make do with stand-ins (test/support/stand_ins/README.md).
  defp deps(_hex?) do
    [{:coatcheck_stand_ins, path: "test/support/stand_ins", only: :test}]
  end

  # `mix docs`.
  defp docs do
    [
      main: "Coatcheck",
      source_ref: "v#{@version}",
      extras: ["README.md"],
      groups_for_modules: [
        "In an app": [
          Coatcheck,
          Coatcheck.Plug,
          Coatcheck.LiveView,
          Coatcheck.Handoff,
          Plug.Session.COATCHECK
        ],
        "What is known": [Coatcheck.Session, Coatcheck.Holder, Coatcheck.Follow, Coatcheck.LastKnown],
        "The service": [
          Coatcheck.Client,
          Coatcheck.Config,
          Coatcheck.Error,
          Coatcheck.Feed,
          Coatcheck.Telemetry
        ],
        "In tests": [Coatcheck.Testing]
      ],
      nest_modules_by_prefix: [Coatcheck]
    ]
  end
end
