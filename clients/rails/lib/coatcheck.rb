# frozen_string_literal: true

require "monitor"

# Coatcheck keeps a visitor's settings under a session's UUID, for every process that serves the visitor.
#
#   Coatcheck.client.view(id)["settings"]
#   Coatcheck.feed.listen(id) { |what, value| … }
#
# COATCHECK_URL and COATCHECK_API_KEY say where the service is, unless Coatcheck.client is set.
module Coatcheck
  autoload :Client, "coatcheck/client"
  autoload :Feed, "coatcheck/feed"
  autoload :Kept, "coatcheck/kept"
  autoload :Pages, "coatcheck/pages"
  autoload :SessionStore, "coatcheck/session_store"

  # What was refused, by its `code`; or that the service gave no answer: `unreachable`.
  class Error < StandardError
    attr_reader :code, :status, :reason, :ended_seconds_ago, :retry_after

    def initialize(code:, detail:, status: nil, reason: nil, ended_seconds_ago: nil, retry_after: nil)
      super("#{detail} (#{code})")
      @code, @status, @reason, @ended_seconds_ago, @retry_after = code, status, reason, ended_seconds_ago, retry_after
    end
  end

  # The session was deleted, rotated or revoked: `reason`.
  class Gone < Error
    # For so long after a login the answer with the new cookie may be on its way to the browser. In seconds.
    LOGIN_SECONDS = 10

    # Whether a login in another tab has just moved the session.
    def moving? = reason == "rotated" && ended_seconds_ago.to_f < LOGIN_SECONDS
  end

  # The service or its store is away, or has too much to do. Nobody is logged out by that.
  class Away < Error; end

  # A login in another tab has just moved the session, and its new cookie is on its way.
  class Moving < StandardError; end
  # The session has ended while the request was under way; what the request changed was not kept.
  class Over < StandardError; end

  @lock = Monitor.new

  class << self
    attr_writer :client, :feed

    # The client of this process.
    def client
      @lock.synchronize do
        @client ||= Client.new(url: ENV.fetch("COATCHECK_URL", "http://127.0.0.1:3000"), key: ENV.fetch("COATCHECK_API_KEY"))
      end
    end

    # The one stream by which this process hears of changes.
    def feed = @lock.synchronize { @feed ||= Feed.new(client, log: (Rails.logger if defined?(Rails.logger))) }

    # The id of the visitor's session, from a cookie jar of Rails; nil for somebody new. For connections of ActionCable.
    def session_id(cookies, key = Rails.application.config.session_options[:key])
      SessionStore.id_of(cookies.signed[key])
    end
  end
end
