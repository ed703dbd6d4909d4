defmodule CoatcheckTest.Both do
  @moduledoc """
  The same tests on the service that is running and on `Coatcheck.Testing`, which is to keep the same promises.

      import CoatcheckTest.Both
      both Coatcheck.PlugTest do
        test "…" do
        end
      end
  """

  defmacro both(name, do: tests) do
    for {suffix, adapter} <- [Service: Coatcheck.HTTP, Testing: Coatcheck.Testing] do
      quote do
        defmodule unquote(Module.concat(Macro.expand(name, __CALLER__), suffix)) do
          # The whole node is told who answers, so these are not run beside others.
          use ExUnit.Case
          import CoatcheckTest.Helpers

          setup do
            Application.put_env(:coatcheck, :adapter, unquote(adapter))
            on_exit(fn -> Application.delete_env(:coatcheck, :adapter) end)
          end

          unquote(tests)
        end
      end
    end
  end
end
