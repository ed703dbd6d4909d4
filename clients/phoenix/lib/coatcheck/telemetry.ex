defmodule Coatcheck.Telemetry do
  @moduledoc """
  What the library tells `:telemetry`, if that is there, as it is wherever Phoenix or Plug is.

  | event | measurements | metadata |
  | --- | --- | --- |
  | `[:coatcheck, :call, :stop]` | `duration` (native units), `attempts` | `call`, `status`, `code` |
  | `[:coatcheck, :feed, :up]` | `away` (native units) | |
  | `[:coatcheck, :feed, :down]` | | `reason` |

  `call` is the name of the function of `Coatcheck.Client`, such as `:put`. `code` is nil where the call was done, and
  otherwise that of the `Coatcheck.Error`, as is `status`. No id, key, value or subject is in there.

      summary("coatcheck.call.stop.duration", tags: [:call, :code], unit: {:native, :millisecond})
  """

  if Code.ensure_loaded?(:telemetry) do
    @doc false
    @spec tell([atom], map, map) :: :ok
    def tell(event, measurements, metadata \\ %{}),
      do: :telemetry.execute([:coatcheck | event], measurements, metadata)
  else
    @doc false
    @spec tell([atom], map, map) :: :ok
    def tell(_event, _measurements, _metadata \\ %{}), do: :ok
  end
end
