defmodule Coatcheck.Testing.Patch do
  @moduledoc false

  # JSON Patch (RFC 6902), and a sum that does not round.

  alias Coatcheck.Testing.Refusal

  def apply(settings, operations), do: Enum.reduce(operations, settings, &step/2)

  defp step(%{"op" => op} = operation, settings) do
    path = tokens!(operation["path"])

    case op do
      "add" -> put(settings, path, operation["value"])
      "remove" -> settings |> take(path) |> elem(1)
      "replace" -> settings |> take(path) |> elem(1) |> put(path, operation["value"])
      "move" -> move(settings, tokens!(operation["from"]), path)
      "copy" -> put(settings, path, get(settings, tokens!(operation["from"])))
      "test" -> if get(settings, path) == operation["value"], do: settings, else: refuse!("test_failed")
    end
  end

  defp move(settings, from, path) do
    if from != path and List.starts_with?(path, from), do: refuse!("path_not_found")
    {value, settings} = take(settings, from)
    put(settings, path, value)
  end

  defp get(value, path), do: value |> take(path) |> elem(0)

  defp take(value, [token]) when is_map(value) and is_map_key(value, token), do: Map.pop!(value, token)
  defp take(value, [token]) when is_list(value), do: List.pop_at(value, index!(token, length(value) - 1))

  defp take(value, [token | rest]) when rest != [] do
    child = child!(value, token)
    {taken, child} = take(child, rest)
    {taken, hold(value, token, child)}
  end

  defp take(_value, _path), do: refuse!("path_not_found")

  defp put(value, [token], new) when is_map(value), do: Map.put(value, token, new)
  defp put(value, ["-"], new) when is_list(value), do: value ++ [new]

  defp put(value, [token], new) when is_list(value),
    do: List.insert_at(value, index!(token, length(value)), new)

  defp put(value, [token | rest], new) when rest != [],
    do: hold(value, token, value |> child!(token) |> put(rest, new))

  defp put(_value, _path, _new), do: refuse!("path_not_found")

  defp child!(value, token) when is_map(value) and is_map_key(value, token), do: value[token]
  defp child!(value, token) when is_list(value), do: Enum.at(value, index!(token, length(value) - 1))
  defp child!(_value, _token), do: refuse!("path_not_found")

  defp hold(value, token, child) when is_map(value), do: Map.put(value, token, child)
  defp hold(value, token, child), do: List.replace_at(value, String.to_integer(token), child)

  defp index!(token, most) do
    index = if token =~ ~r/\A(0|[1-9]\d{0,8})\z/, do: String.to_integer(token), else: -1
    if index in 0..most//1, do: index, else: refuse!("path_not_found")
  end

  defp tokens!("/" <> pointer) do
    for token <- String.split(pointer, "/"),
        do: token |> String.replace("~1", "/") |> String.replace("~0", "~")
  end

  defp tokens!(_whole), do: raise(Refusal, status: 422, code: "invalid_patch")

  # In doubles, and only where nothing is lost.
  def sum(a, b) when is_number(a) and is_number(b) do
    sum = a + b

    if exact(a) + exact(b) == exact(sum) and abs(sum) <= 9_007_199_254_740_992,
      do: sum,
      else: refuse!("not_incrementable")
  end

  def sum(_a, _b), do: refuse!("not_incrementable")

  # A number as the decimal that it is written as, in whole units of 1e-330.
  defp exact(number) when is_integer(number), do: number * Integer.pow(10, 330)

  defp exact(number) do
    [digits | power] = number |> :erlang.float_to_binary([:short]) |> String.split("e")
    [whole, fraction] = String.split(digits, ".")
    shift = if power == [], do: 0, else: power |> hd() |> String.to_integer()
    String.to_integer(whole <> fraction) * Integer.pow(10, 330 + shift - byte_size(fraction))
  end

  defp refuse!(code), do: raise(Refusal, status: 409, code: code)
end
