defmodule Coatcheck.DocumentsTest do
  use ExUnit.Case, async: true

  # Where the whole project is not there, as in an app's deps, its pages are not either.
  @project Path.expand("../../..", __DIR__)
  @page Path.join(@project, "docs/frameworks/phoenix.md")
  @chat Path.join(@project, "examples/phoenix-chat/chat.exs")

  defp blocks(text), do: for([_, code] <- Regex.scan(~r/^```elixir\n(.*?)^```$/ms, text), do: code)

  # The examples of the moduledocs, which stand indented in them; doctests are run elsewhere.
  defp moduledocs do
    {:ok, modules} = :application.get_key(:coatcheck, :modules)

    for module <- modules, {:docs_v1, _, _, _, %{"en" => text}, _, docs} <- [Code.fetch_docs(module)] do
      {module, [text | for({_, _, _, %{"en" => text}, _} <- docs, do: text)]}
    end
  end

  defp examples(text) do
    for [code] <- Regex.scan(~r/(?:^ {4}.*\n(?:\n(?= {4}))?)+/m, text <> "\n"), not (code =~ "iex>"), do: code
  end

  # What is called of ours, with how many arguments; of a pipe and a capture the number differs.
  defp calls(code) do
    {_, calls} =
      Macro.prewalk(code, [], fn
        {:|>, _, [left, {call, meta, arguments}]}, calls when is_list(arguments) ->
          {{call, meta, [left | arguments]}, calls}

        {:&, _, _}, calls ->
          {nil, calls}

        {{:., _, [{:__aliases__, _, [:Coatcheck | rest]}, name]}, _, arguments} = node, calls
        when is_atom(name) ->
          {node, [{Module.concat([:Coatcheck | rest]), name, length(arguments)} | calls]}

        node, calls ->
          {node, calls}
      end)

    calls
  end

  # Every module of ours that is named: as a child, a plug or a hook.
  defp named(code) do
    {_, names} =
      Macro.prewalk(code, [], fn
        {:__aliases__, _, [:Coatcheck | rest]} = node, names ->
          {node, [Module.concat([:Coatcheck | rest]) | names]}

        node, names ->
          {node, names}
      end)

    names
  end

  defp check(code, where) do
    code = Code.string_to_quoted!(code, file: where)
    for module <- named(code), do: assert(Code.ensure_loaded?(module), "#{where} names #{inspect(module)}")

    for {module, name, arity} <- calls(code) do
      assert function_exported?(module, name, arity), "#{where} calls #{inspect(module)}.#{name}/#{arity}"
    end
  end

  if File.exists?(@page) do
    test "every block of the page on Phoenix is Elixir, and calls what there is" do
      blocks = @page |> File.read!() |> blocks()
      assert length(blocks) >= 7
      for block <- blocks, do: check(block, @page)
      assert Enum.count(blocks, &(&1 |> Code.string_to_quoted!() |> calls() != [])) >= 3
    end

    test "the example is Elixir, and calls what there is" do
      check(File.read!(@chat), @chat)
    end
  end

  test "every module says what it is with an example, and the examples call what there is" do
    modules = moduledocs()
    assert length(modules) >= 15

    for {module, [moduledoc | _] = texts} <- modules do
      assert moduledoc =~ "    ", "#{inspect(module)} has an example"
      for text <- texts, example <- examples(text), do: check(example, inspect(module))
    end
  end

  test "every public function says what it does, and of which types it is" do
    {:ok, modules} = :application.get_key(:coatcheck, :modules)

    # What a protocol's functions are for and of stands in its callbacks.
    wanting =
      for module <- modules,
          not function_exported?(module, :impl_for, 1),
          {:docs_v1, _, _, _, %{"en" => _}, _, docs} <- [Code.fetch_docs(module)],
          specs = with(:error <- Code.Typespec.fetch_specs(module), do: {:ok, []}) |> elem(1),
          {{:function, name, arity}, _, _, doc, _} <- docs,
          name != :child_spec and doc != :hidden,
          not is_map(doc) or not List.keymember?(specs, {name, arity}, 0),
          do: {module, name, arity}

    assert wanting == []
  end
end
