defmodule Phoenix.PubSub do
  @moduledoc "A stand-in: publishing within this node."

  def child_spec(options), do: Registry.child_spec(keys: :duplicate, name: Keyword.fetch!(options, :name))

  def subscribe(pubsub, topic) do
    {:ok, _} = Registry.register(pubsub, topic, nil)
    :ok
  end

  def local_broadcast(pubsub, topic, message) do
    Registry.dispatch(pubsub, topic, fn entries -> for {pid, _} <- entries, do: send(pid, message) end)
  end
end
