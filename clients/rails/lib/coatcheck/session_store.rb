# frozen_string_literal: true

require "action_dispatch"
require "action_dispatch/middleware/session/abstract_store"
require "securerandom"

module Coatcheck
  # The session of Rails, kept in Coatcheck.
  #
  #   config.session_store Coatcheck::SessionStore, key: "_shop_session"
  #
  # ## Storage
  #
  # Each key of the session is a key of the settings under the session's UUID, as JSON: symbols come back as strings. The
  # cookie holds the UUID, signed with the app's secret_key_base. The service keeps 64 KiB and 256 keys a session by default.
  #
  # ## Options
  #
  # Beside those of every session store: `subject`, a callable that says of a session's hash whom it is bound to, nil for
  # nobody (its "user_id" unless said otherwise); `client`, in place of Coatcheck.client.
  class SessionStore < ActionDispatch::Session::AbstractSecureStore
    KEPT = "coatcheck.kept"
    ENDED = "coatcheck.ended"
    WROTE = "coatcheck.wrote"
    CLIENT = "coatcheck.client"
    UUID = /\A\h{8}-\h{4}-\h{4}-\h{4}-\h{12}\z/

    def self.id_of(cookie) = (cookie.downcase if cookie.is_a?(String) && UUID.match?(cookie))

    def initialize(app, options = {})
      @client = options[:client]
      @subject = options[:subject] || ->(session) { session["user_id"] }
      super(app, options.except(:client, :subject))
    end

    def call(env)
      env[CLIENT] = client
      super
    rescue StandardError => error
      Pages.for(error, env) || raise
    end

    def generate_sid = sid_of(SecureRandom.uuid)

    # Nothing is stored for somebody new, nor asked.
    def find_session(req, sid)
      return somebody_new if sid.nil? || sid.public_id == req.get_header(ENDED)

      view = client.view(sid.public_id)
      req.set_header(KEPT, Kept.of(view))
      [sid, view["settings"]]
    rescue Gone => error
      raise Moving if error.moving?

      forget(req)
    rescue Error => error
      raise unless error.code == "session_not_found"

      forget(req)
    end

    # At the end of a request: only the keys that it changed are written.
    def write_session(req, sid, data, options)
      now = Kept.in_json(data)
      kept = req.get_header(KEPT)
      id = kept ? change(req, kept, now, options) : start(req, sid.public_id, now, options)
      sid_of(id)
    end

    # `reset_session` ends the session at once, and `request.session_options[:renew]` moves it to a new id.
    def delete_session(req, sid, options)
      return renew(req) if options[:renew]

      finish(sid.public_id) if sid
      req.delete_header(KEPT)
      req.set_header(ENDED, sid&.public_id)
      return generate_sid unless options[:drop]

      forget(req)
      nil
    end

    # Redeems a hand-off with the visitor's own session, which goes on under a new id, bound to the user. Answers `payload`
    # and `session`; nil for a code that is not good, and then nothing changes.
    def self.redeem(req, code)
      req.session.send(:load_for_write!)
      client = req.get_header(CLIENT)
      found = client.redeem(code, req.session.id.public_id) or return

      view = client.view(found["session"]["id"])
      req.set_header(KEPT, Kept.of(view))
      req.set_header(WROTE, true)
      req.session_options[:id] = Rack::Session::SessionId.new(view["id"])
      req.session.clear
      req.session.update(view["settings"])
      found
    end

    private

    def finish(id)
      client.end_session(id)
    rescue Gone => error
      # A log-out that met a login: the page is loaded again, with the new cookie.
      raise Moving if error.moving?
    end

    def client = @client || Coatcheck.client

    def sid_of(id) = Rack::Session::SessionId.new(id)

    def somebody_new = [generate_sid, {}]

    def forget(req)
      req.cookie_jar.delete(key, **default_options.slice(:path, :domain).compact)
      somebody_new
    end

    def extract_session_id(req) = self.class.id_of(req.cookie_jar.signed[key])&.then { |id| sid_of(id) }

    # A session that the request did not ask for is not read for the sake of a cookie with an expiry.
    def force_options?(options) = options.values_at(:renew, :drop).any?

    # A cookie is set only where something was written: an answer that is late brings back no cookie of before a login.
    def set_cookie(req, _response, cookie)
      req.cookie_jar.signed[key] = cookie if req.get_header(WROTE)
    end

    def subject_of(now) = @subject.call(now)&.to_s

    def start(req, id, now, options)
      client.create(id: id, settings: now, subject: subject_of(now), idleTimeoutSeconds: options[:expire_after]&.to_i)
      req.set_header(WROTE, true)
      id
    end

    def change(req, kept, now, options)
      who = subject_of(now)
      move(req, kept, now, options) if who && who != kept.subject
      operations = kept.operations(now)
      return kept.id if operations.empty?

      client.apply(kept.id, operations, if_match: ("*" if kept.written))
      req.set_header(WROTE, true)
      kept.id
    rescue Error => error
      raise unless %w[session_gone session_not_found precondition_failed].include?(error.code)

      raise Over
    end

    def renew(req)
      req.session.send(:load_for_write!)
      kept = req.get_header(KEPT)
      return req.session.options[:id] if kept.nil?

      move(req, kept, Kept.in_json(req.session.to_hash), req.session.options)
      sid_of(kept.id)
    end

    # What others have changed meanwhile moves along.
    def move(req, kept, now, options)
      seconds = options[:expire_after]&.to_i
      kept.id = client.rotate(kept.id, subject: subject_of(now), idle_timeout_seconds: seconds)["id"]
      kept.subject = subject_of(now) || kept.subject
      req.set_header(WROTE, true)
    rescue Gone
      # What the session was is over; what this request has put there goes on.
      kept.id = start(req, SecureRandom.uuid, kept.set(now), options)
      kept.settings, kept.subject, kept.written = now, subject_of(now), true
    end
  end
end
