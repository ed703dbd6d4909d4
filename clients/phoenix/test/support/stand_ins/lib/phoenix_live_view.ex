defmodule Phoenix.LiveView.Lifecycle do
  @moduledoc "A stand-in: the hooks of a view."
  defstruct handle_info: [], handle_params: []

  def handle_info(message, socket), do: run(socket, :handle_info, & &1.function.(message, &2))
  def handle_params(params, uri, socket), do: run(socket, :handle_params, & &1.function.(params, uri, &2))

  defp run(socket, stage, call) do
    Enum.reduce_while(Map.fetch!(socket.private.lifecycle, stage), {:cont, socket}, fn hook,
                                                                                       {:cont, socket} ->
      case call.(hook, socket) do
        {:cont, _} = result -> {:cont, result}
        {:halt, _} = result -> {:halt, result}
      end
    end)
  end
end

defmodule Phoenix.LiveView.Socket do
  @moduledoc "A stand-in: the state of a view."
  defstruct id: nil,
            router: nil,
            parent_pid: nil,
            transport_pid: nil,
            redirected: nil,
            assigns: %{__changed__: %{}},
            private: %{live_temp: %{}}

  @type t :: %__MODULE__{}
end

defmodule Phoenix.LiveView do
  @moduledoc "A stand-in: what a hook of a view may do."

  def connected?(socket), do: socket.transport_pid != nil
  def put_private(socket, key, value), do: %{socket | private: Map.put(socket.private, key, value)}

  def redirect(%{redirected: nil} = socket, to: "/" <> _ = to),
    do: %{socket | redirected: {:redirect, %{to: to, status: 302}}}

  def attach_hook(%{router: nil}, _id, :handle_params, _fun),
    do: raise("cannot attach: not mounted at the router")

  def attach_hook(socket, id, stage, fun) do
    lifecycle = Map.update!(socket.private.lifecycle, stage, &(&1 ++ [%{id: id, function: fun}]))
    put_private(socket, :lifecycle, lifecycle)
  end
end

defmodule Phoenix.Component do
  @moduledoc "A stand-in: assigns."

  def assign(socket, assigns),
    do: Enum.reduce(assigns, socket, fn {key, value}, socket -> put(socket, key, value) end)

  def assign_new(%{assigns: assigns} = socket, key, _fun) when is_map_key(assigns, key), do: socket

  def assign_new(socket, key, fun) do
    {given, _keys} = Map.get(socket.private, :assign_new, {%{}, []})
    put(socket, key, if(is_map_key(given, key), do: given[key], else: fun.()))
  end

  defp put(socket, key, value), do: %{socket | assigns: Map.put(socket.assigns, key, value)}
end
