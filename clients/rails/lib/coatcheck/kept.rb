# frozen_string_literal: true

require "json"

module Coatcheck
  # What a request knows of the session that it was given, so that only what it changed is written.
  Kept = Struct.new(:id, :settings, :subject, :written) do
    def self.of(view) = new(view["id"], view["settings"], view["subject"], view["revision"].positive?)

    # The values as JSON holds them. Raises JSON::GeneratorError where JSON cannot.
    def self.in_json(data) = JSON.parse(JSON.generate(data))

    # Whole values by their keys.
    def set(now) = now.reject { |key, value| settings.key?(key) && settings[key].eql?(value) }

    # The JSON Patch that brings about what the request changed, whatever stands there by now. Removing an absent key is an
    # error in a JSON Patch, so a key is there before it is removed.
    def operations(now)
      put = set(now).map { |key, value| { op: "add", path: at(key), value: value } }
      put + (settings.keys - now.keys).flat_map do |key|
        [{ op: "add", path: at(key), value: nil }, { op: "remove", path: at(key) }]
      end
    end

    private

    def at(key) = "/#{key.gsub("~", "~0").gsub("/", "~1")}"
  end
end
