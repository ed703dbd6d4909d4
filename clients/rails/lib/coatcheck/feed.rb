# frozen_string_literal: true

module Coatcheck
  # One stream of the service for all pages of a process. `listen` tells of a session what its settings are, now and after
  # each change, and that it has ended. One thread does all of it; blocks run in it and should be short.
  #
  # docs/frameworks/curl.md says how such a reader works.
  class Feed
    Held = Struct.new(:settings, :revision, :etag, :told)

    def initialize(client, log: nil)
      @client, @log = client, log
      @inbox, @held, @stale, @starting = Queue.new, {}, {}, Mutex.new
    end

    # Calls the block with :settings and the settings, or :ended and the reason. What it answers, called, ends it.
    def listen(id, &block)
      @starting.synchronize { start unless @threads&.all?(&:alive?) }
      @inbox << [:join, id, block]
      -> { @inbox << [:leave, id, block] }
    end

    private

    def start
      @threads = [Thread.new { read_line }, Thread.new { work }]
    end

    def read_line
      failures = 0
      loop do
        wait = @client.events do |name, data|
          failures = 0
          @inbox << [name, data]
        end
        sleep [wait, 1].max * (1 + rand / 2)
      rescue Error => error
        complain("Coatcheck's events: #{error.message}")
        sleep [[error.retry_after.to_f, 2**failures].max, 30].min * (1 + rand / 2)
        failures = [failures + 1, 5].min
      end
    end

    def work
      loop do
        hear(*@inbox.pop)
        read(@stale.keys.first(100)) while @stale.any? && (@inbox.empty? || @stale.size >= 100)
      rescue StandardError => error
        complain("Coatcheck's feed: #{error.class}: #{error.message}")
      end
    end

    def hear(name, data, block = nil)
      case name
      when :join
        (@held[data] ||= Held.new(nil, nil, nil, {}.compare_by_identity)).told[block] = nil
        @stale[data] = true
      when :leave
        @held[data]&.told&.delete(block)
        forget(data) if @held[data]&.told&.empty?
      when "gap"
        (data["id"] ? [data["id"]] & @held.keys : @held.keys).each { |id| @stale[id] = true }
      when "ended"
        ended(data["id"], data["reason"])
      when "snapshot"
        stands(data["id"], data) if current?(data["id"])
      when "change"
        change(data["id"], data) if current?(data["id"])
      end
    end

    def current?(id) = @held.key?(id) && !@stale.key?(id)

    def change(id, data)
      one = @held[id]
      return if data["etag"] == one.etag || data["revision"] <= one.revision
      return @stale[id] = true unless data["previousEtag"] == one.etag

      stands(id, data.merge("settings" => one.settings.except(*data["removed"]).merge(data["set"])))
    end

    def read(ids)
      found = @client.batch(ids)
      found["gone"].each { |gone| ended(gone["id"], gone["reason"]) }
      (ids & @held.keys).each do |id|
        stands(id, found["sessions"][id] || { "settings" => {}, "revision" => 0, "etag" => "0" })
      end
    rescue Error => error
      complain("Coatcheck's sessions: #{error.message}")
      sleep 1 + rand
    end

    def stands(id, state)
      one = @held[id]
      @stale.delete(id)
      one.settings, one.revision, one.etag = state["settings"], state["revision"], state["etag"]
      one.told.each_key.reject { |block| one.told[block] == one.etag }.each do |block|
        one.told[block] = one.etag
        tell(block, :settings, one.settings)
      end
    end

    def ended(id, reason) = forget(id)&.told&.each_key { |block| tell(block, :ended, reason) }

    def forget(id)
      @stale.delete(id)
      @held.delete(id)
    end

    def tell(block, what, value)
      block.call(what, value)
    rescue StandardError => error
      complain("A page could not be told: #{error.class}: #{error.message}")
    end

    def complain(text) = @log ? @log.error(text) : warn(text)
  end
end
