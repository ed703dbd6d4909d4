# frozen_string_literal: true

require_relative "helper"

# One stream for all pages of a process.
class FeedTest < ShopTest
  def listen(feed, id)
    told = Queue.new
    stop = feed.listen(id) { |*what| told << what }
    [told, stop]
  end

  def take(told) = Timeout.timeout(60) { told.pop }

  def test_it_tells_what_there_is_each_change_and_the_end_also_after_the_line_was_cut
    front = behind
    feed = Coatcheck::Feed.new(Coatcheck.client, log: Logger.new(IO::NULL))
    id = service.create(settings: { a: 1 })["id"]
    (one, stop), (two,) = listen(feed, id), listen(feed, id)
    new, = listen(feed, SecureRandom.uuid)
    [one, two].each { |told| assert_equal [:settings, { "a" => 1 }], take(told) }
    assert_equal [:settings, {}], take(new), "one that nobody has written is empty"
    service.patch(id, { b: { c: [] }, a: nil })
    [one, two].each { |told| assert_equal [:settings, { "b" => { "c" => [] } }], take(told) }
    assert_equal 1, front.sent.count { |sent| sent.path == "/v1/events" }, "by one stream"
    stop.call
    front.harm = ->(_sent) { :refuse }
    front.cut
    service.patch(id, { b: 2 })
    front.harm = ->(sent) { FOREIGN["a page of a proxy"] if sent.path == "/v1/events" && front.sent.size < 6 }
    assert_equal [:settings, { "b" => 2 }], take(two)
    service.end_session(id)
    assert_equal [:ended, "deleted"], take(two)
    assert_empty one
  end
end

# What the store does not call.
class ClientTest < ShopTest
  def test_the_calls_that_an_app_makes
    id = service.create(settings: { n: 1, flash: "hi" })["id"]
    assert_equal 3, service.increment(id, "n", 2)
    assert_equal ["hi", nil], [service.take(id, "flash"), service.take(id, "flash")]
    assert_nil service.take(SecureRandom.uuid, "a/b")
    token = service.token(id, scope: "read write", read: ["n"], write: ["n"])
    answer = Net::HTTP.get_response(URI("#{URL}/v1/sessions/current/settings"), { "Authorization" => "Bearer #{token}" })
    assert_equal({ "n" => 3 }, JSON.parse(answer.body))
    assert_equal [id], service.batch([id])["sessions"].keys
    assert_nil service.redeem("no code", id)
    error = assert_raises(Coatcheck::Error) { service.patch(id, { __proto__: 1 }) }
    refute_includes "#{error.message} #{error.inspect}", KEY
    assert_raises(ArgumentError) { Coatcheck::Client.new(url: "redis://x", key: "k") }
  end

  def test_only_an_answer_of_coatcheck_counts
    id = service.create(settings: { a: 1 })["id"]
    front = behind(seconds: 0.3)
    FOREIGN.each do |what, answer|
      front.harm = ->(_sent) { answer }
      %i[view end_session].each { |name| assert_raises(Coatcheck::Away, what) { Coatcheck.client.send(name, id) } }
      assert_raises(Coatcheck::Away, what) { Coatcheck.client.apply(id, []) }
    end
    front.harm = ->(_sent) { "HTTP/1.1 200 OK\r\nCoatcheck-Version: 1\r\nContent-Length: 2\r\n\r\n{" }
    assert_raises(Coatcheck::Away, "one that broke off") { Coatcheck.client.view(id) }
    assert_equal({ "a" => 1 }, service.view(id)["settings"])
  end

  def test_a_process_that_was_forked_uses_no_connection_of_its_parent
    id = service.create(settings: { a: 1 })["id"]
    reader, writer = IO.pipe
    child = fork do
      writer.write(service.view(id)["settings"].to_json)
      writer.close
      exit!(0)
    end
    writer.close
    assert_equal '{"a":1}', reader.read
    Process.wait(child)
    assert_equal({ "a" => 1 }, service.view(id)["settings"])
  end
end
