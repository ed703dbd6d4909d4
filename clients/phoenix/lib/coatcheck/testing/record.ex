defmodule Coatcheck.Testing.Record do
  @moduledoc false

  # A session as it is kept, and as the service writes it in an answer.

  @idle_seconds 8_640_000
  @lifetime_seconds 34_560_000

  def unwritten do
    %{settings: %{}, revision: 0, etag: "0", subject: nil, created_at: now(), expires_at: later()}
  end

  def view(id, session) do
    %{
      id: id,
      settings: session.settings,
      etag: session.etag,
      revision: session.revision,
      subject: session.subject,
      createdAt: session.created_at,
      lastSeenAt: now(),
      idleTimeoutSeconds: @idle_seconds,
      lifetimeSeconds: @lifetime_seconds,
      expiresAt: session.expires_at
    }
  end

  def now, do: DateTime.utc_now() |> DateTime.to_iso8601()
  def later, do: DateTime.utc_now() |> DateTime.add(@idle_seconds, :second) |> DateTime.to_iso8601()
end
