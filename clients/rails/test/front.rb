# frozen_string_literal: true

require "socket"

# Stands between a client and the service. `harm` is asked of each request what is done to it: nil hands it on, :lose has the
# service do it and loses the answer, :hold answers nothing, :refuse closes the line, a String is answered in its place.
class Front
  Sent = Struct.new(:method, :path, :headers, :body)

  attr_reader :sent
  attr_accessor :harm

  def initialize(url)
    @to = URI(url)
    @sent, @harm, @server, @open = [], ->(_sent) {}, TCPServer.new("127.0.0.1", 0), []
    @thread = Thread.new { loop { Thread.new(@server.accept) { |line| serve(line) } } }
    @thread.report_on_exception = false
  end

  def url = "http://127.0.0.1:#{@server.addr[1]}"

  # Cuts what is open.
  def cut = @open.dup.each { |line| line.shutdown rescue nil }

  def close
    @thread.kill
    @server.close
    cut
  end

  private

  def serve(line)
    @open << line
    head = +""
    head << line.readline until head.end_with?("\r\n\r\n")
    length = head[/^content-length: (\d+)/i, 1].to_i
    body = length.zero? ? "" : line.read(length)
    first, *lines = head.split("\r\n")
    sent = Sent.new(*first.split.first(2), lines.to_h { |one| one.downcase.split(": ", 2) }, body)
    @sent << sent
    answer(line, sent, harm.call(sent), head + body)
  rescue SystemCallError, IOError
    nil
  ensure
    line.close
    @open.delete(line)
  end

  def answer(line, _sent, harm, text)
    return if harm == :refuse
    return line.read if harm == :hold
    return line.write(harm) if harm.is_a?(String)

    onward = TCPSocket.new(@to.host, @to.port)
    @open << onward
    onward.write(text.sub("\r\n", "\r\nConnection: close\r\n"))
    return onward.read if harm == :lose

    loop { line.write(onward.readpartial(65_536)) }
  rescue EOFError
    nil
  ensure
    onward&.close
  end
end
