[
  inputs: ["mix.exs", ".formatter.exs", "{lib,test}/**/*.{ex,exs}", "../../examples/phoenix-chat/*.exs"],
  # The macros of Plug and Phoenix in the example, as their own formatter settings have them.
  locals_without_parens: [plug: :*, live: :*, on_mount: :*, socket: :*, pipe_through: :*],
  line_length: 110
]
