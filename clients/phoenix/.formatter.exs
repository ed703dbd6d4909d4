[
  inputs: ["mix.exs", ".formatter.exs", "{lib,test}/**/*.{ex,exs}", "../../examples/phoenix-chat/*.exs"],
  line_length: 110
]
