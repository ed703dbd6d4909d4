defprotocol Coatcheck.Holder do
  @moduledoc """
  What holds a visitor's session: a `Plug.Conn` after `Coatcheck.Plug`, or a live view's socket after
  `Coatcheck.LiveView`. `Coatcheck.put/3` and its siblings work on both.

      Coatcheck.Holder.session(conn).settings
  """

  @doc "The `Coatcheck.Session` that is held. Raises `ArgumentError` where none is."
  @spec session(t) :: Coatcheck.Session.t()
  def session(holder)

  @doc "Holds this state of it."
  @spec hold(t, Coatcheck.Session.t()) :: t
  def hold(holder, session)
end
