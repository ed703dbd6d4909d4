if Code.ensure_loaded?(Plug.Session.Store) do
  defmodule Plug.Session.COATCHECK do
    @moduledoc """
    Keeps the whole Plug session in Coatcheck, by changing one line:

        plug Plug.Session, store: :coatcheck, key: "_my_app_key", secure: true, same_site: "Lax", max_age: 34_560_000

    The cookie holds a random secret of 256 bits and nothing else; the session's id at the service is made of its hash. So
    whoever reads the ids, in the store or in a log, can log in with none of them.

    - Requests that overlap do not lose each other's keys: only the top-level keys that a request changed are written, each
      as a whole.
    - A session that was ended is not brought back by a request that was late: what that request changed, and no more,
      goes into a new session.
    - Unknown cookies are not taken over: their visitor gets a fresh secret with the first write.
    - When the service is away, the request fails with `Coatcheck.Error`, which Plug answers as 503. It is not taken for an
      empty session: that would look like a log-out, and the cookie would be overwritten.

    A sibling tab that writes its session in the very moment of a login (`configure_session(renew: true)`) gets a new one,
    as with every store of Plug. For logins that survive that, use `Coatcheck.Plug` with a hand-off, and let the signed
    cookie keep the rest.

    ## Values

    What is put has to come back the same, so it is JSON: strings, numbers, booleans, `nil`, lists, and maps with strings
    as keys; keys of the session that are atoms become strings, as Plug does itself. A binary that is not UTF-8, such as a
    token of `mix phx.gen.auth`, is kept as `{"$base64": "…"}` and comes back as it was. Everything else (other atoms,
    tuples, structs, maps with atoms as keys) would come back as something else, and is refused: `Coatcheck.Unstorable` says
    where it stands.

    ## Options

    Those of `Coatcheck.Config`, such as `deadline: 1000`. The service takes 64 KiB and 256 keys a session by default.
    """

    @behaviour Plug.Session.Store
    alias Coatcheck.{Client, Error, Unstorable, UUID}

    @bytes "$base64"

    @impl true
    def init(options), do: Coatcheck.Config.only(options)

    @impl true
    def get(_conn, cookie, options) do
      with true <- secret?(cookie),
           %{revision: revision, settings: settings} when revision > 0 <-
             read(UUID.of_secret(cookie), options) do
        {%{secret: cookie, read: settings}, Map.new(settings, fn {key, value} -> {key, decoded(value)} end)}
      else
        _nothing -> {nil, %{}}
      end
    end

    @impl true
    def put(_conn, sid, session, options) do
      before = if sid, do: sid.read, else: %{}
      after_it = Map.new(session, fn {key, value} -> {to_string(key), encoded(value, [to_string(key)])} end)

      changed =
        for {key, value} <- after_it,
            not (is_map_key(before, key) and before[key] === value),
            do: {key, value}

      removed = Map.keys(before) -- Map.keys(after_it)
      write(sid, changed, removed, options)
    end

    @impl true
    def delete(_conn, sid, options) do
      case sid && Client.end_session(UUID.of_secret(sid.secret), options) do
        {:error, %Error{code: code} = error} when code != "session_gone" -> raise error
        _ended -> :ok
      end
    end

    defp read(id, options) do
      case Client.get(id, options) do
        {:ok, session} -> session
        {:error, %Error{code: "session_gone"}} -> nil
        {:error, error} -> raise error
      end
    end

    defp write(nil, changed, _removed, options) do
      secret = 32 |> :crypto.strong_rand_bytes() |> Base.url_encode64(padding: false)
      if changed != [], do: done!(Client.json_patch(UUID.of_secret(secret), additions(changed), options))
      secret
    end

    defp write(sid, [], [], _options), do: sid.secret

    defp write(sid, changed, removed, options) do
      # Somebody else may have removed the key meanwhile: what is put first can be removed.
      removals = for key <- removed, do: %{op: "remove", path: Client.pointer(key)}
      operations = additions(for key <- removed, do: {key, nil}) ++ removals ++ additions(changed)

      case Client.json_patch(UUID.of_secret(sid.secret), operations, [{:if_match, "*"} | options]) do
        {:error, %Error{code: code}} when code in ["session_gone", "precondition_failed"] ->
          write(nil, changed, [], options)

        written ->
          done!(written)
          sid.secret
      end
    end

    defp done!({:ok, _etag}), do: :ok
    defp done!({:error, error}), do: raise(error)

    defp additions(pairs),
      do: for({key, value} <- pairs, do: %{op: "add", path: Client.pointer(key), value: value})

    defp secret?(cookie), do: is_binary(cookie) and cookie =~ ~r/\A[\w-]{43}\z/

    defp encoded(value, _path) when is_number(value) or is_boolean(value) or is_nil(value), do: value

    defp encoded(value, _path) when is_binary(value) do
      if String.valid?(value), do: value, else: %{@bytes => Base.encode64(value)}
    end

    defp encoded(value, path) when is_list(value) do
      if List.improper?(value), do: refuse(path, "an improper list")
      value |> Enum.with_index() |> Enum.map(fn {one, at} -> encoded(one, [at | path]) end)
    end

    defp encoded(%name{}, path), do: refuse(path, "a struct (#{inspect(name)})")

    defp encoded(value, path) when is_map(value) do
      Map.new(value, fn
        {@bytes, _} -> refuse(path, "a map with the key #{@bytes}, which means something else here")
        {key, one} when is_binary(key) -> {key, encoded(one, [key | path])}
        {_key, _one} -> refuse(path, "a map with keys that are no strings")
      end)
    end

    defp encoded(value, path) when is_atom(value),
      do: refuse(path, "an atom, which would come back as a string")

    defp encoded(value, path) when is_tuple(value),
      do: refuse(path, "a tuple, which would come back as a list")

    defp encoded(_value, path), do: refuse(path, "no JSON")

    @spec refuse([term], String.t()) :: no_return
    defp refuse(path, what) do
      place = path |> Enum.reverse() |> Enum.join(" / ")
      raise Unstorable, "The session cannot be kept: at #{place} stands #{what}."
    end

    defp decoded(%{@bytes => text} = value) when map_size(value) == 1, do: Base.decode64!(text)
    defp decoded(value) when is_map(value), do: Map.new(value, fn {key, one} -> {key, decoded(one)} end)
    defp decoded(value) when is_list(value), do: Enum.map(value, &decoded/1)
    defp decoded(value), do: value
  end
end
