# frozen_string_literal: true

require "puma"
require "puma/server"
require "socket"
require "websocket/driver"

# The app behind Puma, for what needs a real socket.
class Served
  attr_reader :port

  def initialize(app)
    @puma = Puma::Server.new(app, Puma::Events.strings, min_threads: 1, max_threads: 8)
    @port = @puma.add_tcp_listener("127.0.0.1", 0).addr[1]
    @puma.run
  end

  def stop = @puma.stop(true)
end

# A page's connection to ActionCable, subscribed to a channel.
class Cable
  attr_reader :url

  def initialize(port, cookie, channel)
    @url, @channel, @told = "ws://127.0.0.1:#{port}/cable", { channel: channel }.to_json, Queue.new
    @line = TCPSocket.new("127.0.0.1", port)
    @driver = WebSocket::Driver.client(self, protocols: ["actioncable-v1-json"])
    @driver.set_header("Cookie", "_shop_session=#{cookie}") if cookie
    @driver.on(:message) { |event| hear(JSON.parse(event.data)) }
    @driver.start
    @reader = Thread.new { read }
  end

  def write(text) = @line.write(text)

  # What the channel transmits next; fails after a minute.
  def told = Timeout.timeout(60) { @told.pop }

  def perform(action, **data)
    @driver.text({ command: "message", identifier: @channel, data: data.merge(action: action).to_json }.to_json)
  end

  def close
    @reader.kill
    @line.close
  end

  private

  def read
    loop { @driver.parse(@line.readpartial(65_536)) }
  rescue SystemCallError, IOError
    @told << :closed
  end

  def hear(heard)
    case heard["type"]
    when "welcome" then @driver.text({ command: "subscribe", identifier: @channel }.to_json)
    when "disconnect" then @told << heard["reason"]
    when nil then @told << heard["message"]
    end
  end
end
