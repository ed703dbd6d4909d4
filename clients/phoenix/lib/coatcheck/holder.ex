defprotocol Coatcheck.Holder do
  @moduledoc """
  What holds a visitor's session: a `Plug.Conn` after `Coatcheck.Plug`, a live view's socket after `Coatcheck.LiveView`, or
  the socket of a component of that view to which `coatcheck={@coatcheck}` was passed. `Coatcheck.put/3` and its siblings
  work on all of them.

      Coatcheck.Holder.session(conn).settings
  """

  @doc "The `Coatcheck.Session` that is held. Raises `ArgumentError` where none is."
  @spec session(t) :: Coatcheck.Session.t()
  def session(holder)

  @doc "Holds this state of it."
  @spec hold(t, Coatcheck.Session.t()) :: t
  def hold(holder, session)

  @doc "Holds what is known after a write of one's own."
  @spec wrote(t, Coatcheck.Follow.write()) :: t
  def wrote(holder, write)

  @doc "What is left to do when the session was ended here."
  @spec logged_out(t, keyword) :: t
  def logged_out(holder, options)
end
