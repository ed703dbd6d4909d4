defmodule :telemetry do
  @moduledoc "A stand-in: events to whoever has attached."

  def attach_many(id, events, function, config) do
    for event <- events, do: :persistent_term.put({__MODULE__, event, id}, {function, config})
    :ok
  end

  def detach(id) do
    for {{__MODULE__, _event, ^id} = key, _} <- :persistent_term.get(), do: :persistent_term.erase(key)
    :ok
  end

  def execute(event, measurements, metadata) do
    for {{__MODULE__, ^event, _id}, {function, config}} <- :persistent_term.get(),
        do: function.(event, measurements, metadata, config)

    :ok
  end
end
