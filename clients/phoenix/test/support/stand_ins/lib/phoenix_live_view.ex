defmodule Phoenix.LiveView.Lifecycle do
  @moduledoc "A stand-in: the hooks of a view."
  defstruct handle_info: [], handle_params: [], handle_event: []

  def handle_info(message, socket), do: run(socket, :handle_info, & &1.function.(message, &2))
  def handle_params(params, uri, socket), do: run(socket, :handle_params, & &1.function.(params, uri, &2))
  def handle_event(name, value, socket), do: run(socket, :handle_event, & &1.function.(name, value, &2))

  def stage_info(socket, view, stage, arity) do
    callbacks? = Map.fetch!(socket.private.lifecycle, stage) != []
    exported? = function_exported?(view, stage, arity)
    %{any?: callbacks? or exported?, callbacks?: callbacks?, exported?: exported?}
  end

  defp run(socket, stage, call) do
    hooks = Map.fetch!(socket.private.lifecycle, stage)

    Enum.reduce_while(hooks, {:cont, socket}, fn hook, {:cont, socket} ->
      case call.(hook, socket) do
        {:cont, _} = result -> {:cont, result}
        {:halt, _} = result -> {:halt, result}
      end
    end)
  end
end

defmodule Phoenix.LiveView.Socket do
  @moduledoc "A stand-in: the state of a view, or of a component, which has its view's but for assigns and private."
  defstruct id: nil,
            endpoint: nil,
            view: nil,
            router: nil,
            parent_pid: nil,
            root_pid: nil,
            sticky?: false,
            host_uri: nil,
            transport_pid: nil,
            redirected: nil,
            assigns: %{__changed__: %{}},
            private: %{live_temp: %{}}

  @type t :: %__MODULE__{}
end

defmodule Phoenix.LiveComponent.CID do
  @moduledoc "A stand-in: which component of a view, in its `@myself`."
  defstruct [:cid]
end

defmodule Phoenix.LiveView do
  @moduledoc "A stand-in: what a hook of a view may do."

  @reserved [:connect_info, :connect_params, :assign_new, :live_layout, :live_temp, :lifecycle, :root_view]

  def connected?(socket), do: socket.transport_pid != nil

  def put_private(socket, key, value) when key not in @reserved,
    do: %{socket | private: Map.put(socket.private, key, value)}

  def redirect(%{redirected: nil} = socket, to: "/" <> rest = to) do
    if String.starts_with?(rest, "/"), do: raise(ArgumentError, "redirect/2 expects a path")
    %{socket | redirected: {:redirect, %{to: to, status: 302}}}
  end

  def redirect(%{redirected: to}, _options),
    do: raise(ArgumentError, "socket already prepared to redirect with #{inspect(to)}")

  def attach_hook(%{router: nil}, _id, :handle_params, _fun),
    do: raise("cannot attach: not mounted at the router with the live/3 macro")

  def attach_hook(%{assigns: %{myself: _}}, _id, stage, _fun) when stage != :handle_event,
    do: raise(ArgumentError, "lifecycle hooks are not supported on stateful components")

  def attach_hook(socket, id, stage, fun) do
    hooks = Map.fetch!(socket.private.lifecycle, stage)
    if Enum.any?(hooks, &(&1.id == id)), do: raise(ArgumentError, "existing hook #{inspect(id)} on #{stage}")
    lifecycle = Map.put(socket.private.lifecycle, stage, hooks ++ [%{id: id, function: fun}])
    %{socket | private: Map.put(socket.private, :lifecycle, lifecycle)}
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

  defp put(_socket, key, _value) when key in [:flash, :uploads, :streams, :socket, :myself],
    do: raise(ArgumentError, "#{inspect(key)} is a reserved assign by LiveView and it cannot be set directly")

  defp put(socket, key, value), do: %{socket | assigns: Map.put(socket.assigns, key, value)}
end
