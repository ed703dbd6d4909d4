# frozen_string_literal: true

require "json"
require "net/http"
require "securerandom"
require "time"
require "uri"

module Coatcheck
  # Calls to Coatcheck. One object serves all threads of a process, and may be made before the process forks.
  #
  # A call ends by its deadline (`seconds`). What had no answer is repeated until then, under an Idempotency-Key, so that
  # nothing is done twice. An answer counts only if it says by Coatcheck-Version that it is of Coatcheck.
  class Client
    BROKEN = [SystemCallError, SocketError, IOError, Timeout::Error, OpenSSL::SSL::SSLError, Net::HTTPBadResponse,
              Net::HTTPHeaderSyntaxError, Net::ProtocolError, JSON::ParserError, Zlib::Error].freeze
    NOTHING = Object.new.freeze
    # The service sends a comment every 15 s: a stream that is silent for longer than two of them is dead.
    SILENT_SECONDS = 40

    def initialize(url:, key:, seconds: 3, ca_file: nil)
      @url, @key, @seconds, @ca_file = URI(url.chomp("/")), key, seconds, ca_file
      raise ArgumentError, "The url is no URL of a service: it looks like http://127.0.0.1:3000." unless @url.is_a?(URI::HTTP)

      @idle, @process = Queue.new, Process.pid
    end

    # A session: `settings`, `subject`, `etag`, `revision`. `touch: false` looks at it without using it.
    def view(id, touch: true) = call(:get, "/v1/sessions/#{id}#{"?touch=false" unless touch}", gives: 200)

    # Begins a session: `id`, `settings`, `subject`, `idleTimeoutSeconds`, `lifetimeSeconds`, whichever are there.
    def create(**members) = call(:post, "/v1/sessions", members.compact, gives: 201)

    # Puts some keys and leaves the others; nil removes one.
    def patch(id, changes, origin: nil)
      call(:patch, "/v1/sessions/#{id}/settings", changes, origin: origin, gives: [201, 204])
    end

    # Does the operations of a JSON Patch (RFC 6902), all or none.
    def apply(id, operations, if_match: nil)
      headers = { "Content-Type" => "application/json-patch+json", "If-Match" => if_match }.compact
      call(:patch, "/v1/sessions/#{id}/settings", operations, headers: headers, gives: [201, 204])
    end

    def increment(id, name, by = 1) = call(:post, "/v1/sessions/#{id}/increment", { key: name, by: by }, gives: 200)["value"]

    # Reads a value and removes it: one caller gets it, all others nil.
    def take(id, name)
      call(:post, "/v1/sessions/#{id}/take", { key: name }, gives: 200)["value"]
    rescue Error => error
      raise unless %w[key_not_found session_not_found].include?(error.code)
    end

    # A token for a page: `scope` as "read write", and the keys that it may read and write.
    def token(id, scope:, read:, write:)
      asked = { scope: scope, keys: { read: read, write: write } }
      call(:post, "/v1/sessions/#{id}/tokens", asked, gives: 201)["access_token"]
    end

    # Moves the session to a new id, and binds it to the subject if one is given.
    def rotate(id, subject: nil, idle_timeout_seconds: nil)
      asked = { subject: subject, idleTimeoutSeconds: idle_timeout_seconds }.compact
      call(:post, "/v1/sessions/#{id}/rotate", asked, gives: 201)
    end

    # A one-time code that carries a login from a socket to the HTTP side.
    def handoff(id, subject:, payload: nil)
      call(:post, "/v1/sessions/#{id}/handoffs", { subject: subject, payload: payload }, gives: 201)["code"]
    end

    # Redeems it with the id in the visitor's own cookie: `session` has the new id, `payload` is what came along. Nil for a
    # code that was used, is too old, is for another visitor, or is none.
    def redeem(code, id)
      call(:post, "/v1/handoffs/redeem", { code: code.to_s, sessionId: id }, gives: 200)
    rescue Error => error
      raise unless [400, 410].include?(error.status)
    end

    def end_session(id) = call(:delete, "/v1/sessions/#{id}", gives: 204)

    # Ends every session of the user, and answers how many.
    def end_subject(subject)
      call(:delete, "/v1/subjects/#{URI.encode_www_form_component(subject).gsub("+", "%20")}/sessions", gives: 200)["ended"]
    end

    def batch(ids) = call(:post, "/v1/sessions/batch", { ids: ids }, gives: 200)

    # Yields the name and the data of each event of the namespace until the line breaks. Answers how long to wait.
    def events(&heard)
      reader = EventReader.new(heard)
      http = open_line(3, SILENT_SECONDS)
      request = Net::HTTP::Get.new("#{@url.path}/v1/events", headers.merge("Accept" => "text/event-stream"))
      http.request(request) do |answer|
        raise failure(answer, answer.read_body) unless ours?(answer) && answer.code == "200"

        answer.read_body { |piece| reader.take(piece) }
      end
      reader.retry_seconds
    rescue *BROKEN
      reader.retry_seconds
    ensure
      http&.finish if http&.started?
    end

    # Server-sent events, in whatever pieces they come.
    class EventReader
      attr_reader :retry_seconds

      def initialize(heard)
        @heard, @retry_seconds, @text, @name, @data = heard, 1.0, +"", nil, []
      end

      def take(piece)
        @text << piece
        while (line = @text.slice!(/\A[^\n]*\n/))
          field, value = line.chomp.force_encoding("UTF-8").split(/: ?/, 2)
          case field
          when "event" then @name = value
          when "data" then @data << value
          when "retry" then @retry_seconds = value.to_i / 1000.0
          when nil, "" then give if line.chomp.empty?
          end
        end
      end

      private

      def give
        name, data = @name, @data
        @name, @data = nil, []
        @heard.call(name, JSON.parse(data.join("\n"))) if name && data.any?
      end
    end

    private

    # Repeats what had no answer, or was told to wait, until the time is over. Writes are told apart by their Idempotency-Key.
    def call(method, path, body = NOTHING, gives:, headers: {}, origin: nil)
      request = Net::HTTP.const_get(method.capitalize).new(@url.path + path, self.headers.merge(headers))
      request["Idempotency-Key"] = SecureRandom.hex(16) unless method == :get
      request["Coatcheck-Origin"] = origin if origin
      request.content_type ||= "application/json" unless body.equal?(NOTHING)
      request.body = JSON.generate(body) unless body.equal?(NOTHING)
      ends = now + @seconds
      pause = 0.1
      begin
        send_once(request, ends, gives)
      rescue Away => error
        wait = [error.retry_after.to_f, pause * (0.5 + rand / 2)].max
        raise if now + wait >= ends

        sleep wait
        pause *= 2
        retry
      end
    end

    def send_once(request, ends, gives)
      left = [ends - now, 0.05].max
      http = idle_line || open_line([left, 1].min, left)
      http.read_timeout = http.write_timeout = left
      answer = http.request(request)
      raise failure(answer, answer.body) unless ours?(answer) && Array(gives).include?(answer.code.to_i)

      result = answer.code == "204" || answer.body.to_s.empty? ? nil : JSON.parse(answer.body)
      raise IOError, "That is none of Coatcheck's answers." if Array(gives) & [200, 201] == Array(gives) && !result.is_a?(Hash)

      @idle << http
      result
    rescue *BROKEN => fault
      finish(http)
      raise Away.new(code: "unreachable", detail: "Coatcheck does not answer: #{fault.class}.")
    rescue Error
      http.started? ? @idle << http : finish(http)
      raise
    end

    def finish(http)
      http&.finish
    rescue IOError
      nil
    end

    # Two processes cannot share connections: one that was forked begins with none.
    def idle_line
      @idle, @process = Queue.new, Process.pid unless @process == Process.pid
      @idle.pop(true)
    rescue ThreadError
      nil
    end

    def open_line(open_seconds, read_seconds)
      # No proxy of the environment: a credential goes to the service that was named.
      http = Net::HTTP.new(@url.host, @url.port, nil)
      http.use_ssl = @url.scheme == "https"
      http.ca_file = @ca_file if @ca_file
      http.open_timeout, http.read_timeout = open_seconds, read_seconds
      http.keep_alive_timeout = 30
      http.max_retries = 0
      http.start
    end

    def headers = { "Authorization" => "Bearer #{@key}", "Accept" => "application/json" }

    # What has no such header is another's answer, such as the page of a proxy, whatever its status.
    def ours?(answer) = answer["Coatcheck-Version"] == "1"

    def failure(answer, body)
      problem = ours?(answer) ? JSON.parse(body.to_s) : {} rescue {}
      problem = {} unless problem.is_a?(Hash) && problem["code"].is_a?(String)
      status = answer.code.to_i if problem["code"]
      code = problem["code"] || "unreachable"
      kind = code == "session_gone" ? Gone : ([nil, 429, 503].include?(status) ? Away : Error)
      kind.new(code: code, detail: problem["detail"] || "What answered #{answer.code} is not Coatcheck.", status: status,
               reason: problem["reason"], ended_seconds_ago: ended_ago(problem, answer), retry_after: answer["Retry-After"])
    end

    def ended_ago(problem, answer)
      problem["endedAt"] && answer["Date"] && Time.httpdate(answer["Date"]) - Time.iso8601(problem["endedAt"])
    rescue ArgumentError
      nil
    end

    def now = Process.clock_gettime(Process::CLOCK_MONOTONIC)
  end
end
