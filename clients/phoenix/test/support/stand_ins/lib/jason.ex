defmodule Jason do
  @moduledoc "A stand-in: JSON to and from text, without options."

  def encode!(value), do: value |> write() |> IO.iodata_to_binary()

  def decode(text) do
    {value, rest} = text |> skip() |> value()
    if skip(rest) == "", do: {:ok, value}, else: {:error, :invalid}
  catch
    :invalid -> {:error, :invalid}
  end

  defp write(value) when value in [nil, true, false], do: if(value == nil, do: "null", else: to_string(value))
  defp write(value) when is_atom(value), do: value |> to_string() |> write()
  defp write(value) when is_integer(value), do: Integer.to_string(value)
  defp write(value) when is_float(value), do: Float.to_string(value)
  defp write(value) when is_list(value), do: ["[", value |> Enum.map(&write/1) |> Enum.intersperse(","), "]"]
  defp write(%name{}), do: raise(Protocol.UndefinedError, protocol: Jason.Encoder, value: name)

  defp write(value) when is_map(value) do
    members = for {key, one} <- value, do: [write(to_string(key)), ":", write(one)]
    ["{", Enum.intersperse(members, ","), "}"]
  end

  defp write(value) when is_binary(value) do
    unless String.valid?(value), do: raise(ArgumentError, "invalid byte")
    [?", for(<<char::utf8 <- value>>, do: escape(char)), ?"]
  end

  defp write(value) when not is_nil(value),
    do: raise(Protocol.UndefinedError, protocol: Jason.Encoder, value: value)

  defp escape(?"), do: "\\\""
  defp escape(?\\), do: "\\\\"

  defp escape(char) when char < 0x20,
    do: "\\u" <> (char |> Integer.to_string(16) |> String.pad_leading(4, "0"))

  defp escape(char), do: <<char::utf8>>

  defp value("null" <> rest), do: {nil, rest}
  defp value("true" <> rest), do: {true, rest}
  defp value("false" <> rest), do: {false, rest}
  defp value("\"" <> rest), do: string(rest, [])
  defp value("[" <> rest), do: rest |> skip() |> list([])
  defp value("{" <> rest), do: rest |> skip() |> object(%{})

  defp value(text) do
    case Regex.run(~r/\A-?(?:0|[1-9]\d*)(\.\d+)?([eE][+-]?\d+)?/, text) do
      [number] -> {String.to_integer(number), rest(text, number)}
      [number | _] -> {number |> with_fraction() |> String.to_float(), rest(text, number)}
      nil -> throw(:invalid)
    end
  end

  defp with_fraction(number), do: if(number =~ ".", do: number, else: String.replace(number, ~r/[eE]/, ".0e"))
  defp rest(text, number), do: binary_part(text, byte_size(number), byte_size(text) - byte_size(number))

  defp list("]" <> rest, []), do: {[], rest}

  defp list(text, before) do
    {one, rest} = value(text)

    case skip(rest) do
      "," <> rest -> rest |> skip() |> list([one | before])
      "]" <> rest -> {Enum.reverse([one | before]), rest}
      _ -> throw(:invalid)
    end
  end

  defp object("}" <> rest, members) when members == %{}, do: {members, rest}

  defp object("\"" <> rest, members) do
    {key, rest} = string(rest, [])
    {one, rest} = with ":" <> rest <- skip(rest), do: rest |> skip() |> value(), else: (_ -> throw(:invalid))
    members = Map.put(members, key, one)

    case skip(rest) do
      "," <> rest -> rest |> skip() |> object(members)
      "}" <> rest -> {members, rest}
      _ -> throw(:invalid)
    end
  end

  defp object(_text, _members), do: throw(:invalid)

  @escapes %{?n => "\n", ?t => "\t", ?r => "\r", ?b => "\b", ?f => "\f", ?/ => "/", ?\\ => "\\", ?" => "\""}

  defp string("\"" <> rest, parts), do: {parts |> Enum.reverse() |> IO.iodata_to_binary(), rest}

  defp string("\\u" <> <<hex::binary-4, "\\u", low::binary-4, rest::binary>>, parts) do
    case {code(hex), code(low)} do
      {high, low} when high in 0xD800..0xDBFF and low in 0xDC00..0xDFFF ->
        string(rest, [<<0x10000 + (high - 0xD800) * 0x400 + (low - 0xDC00)::utf8>> | parts])

      {char, _} ->
        string("\\u" <> low <> rest, [<<char::utf8>> | parts])
    end
  end

  defp string("\\u" <> <<hex::binary-4, rest::binary>>, parts),
    do: string(rest, [<<code(hex)::utf8>> | parts])

  defp string(<<"\\", char, rest::binary>>, parts), do: string(rest, [Map.fetch!(@escapes, char) | parts])
  defp string(<<char::utf8, rest::binary>>, parts), do: string(rest, [<<char::utf8>> | parts])
  defp string(_text, _parts), do: throw(:invalid)

  defp code(hex), do: String.to_integer(hex, 16)
  defp skip(<<space, rest::binary>>) when space in [?\s, ?\t, ?\r, ?\n], do: skip(rest)
  defp skip(text), do: text
end
