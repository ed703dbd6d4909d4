defmodule Coatcheck.Unstorable do
  @moduledoc """
  Raised by `Plug.Session.COATCHECK` for a session that JSON cannot hold. The message says where the value stands, never
  what it is.

      try do
        Plug.Conn.send_resp(conn, 200, "")
      rescue
        error in Coatcheck.Unstorable -> error.message
      end
  """
  defexception [:message]
end
