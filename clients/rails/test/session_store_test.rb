# frozen_string_literal: true

require_relative "helper"

# The session of Rails, through the app's whole stack of middleware.
class SessionStoreTest < ShopTest
  HTML = { "Accept" => "text/html" }.freeze

  def test_a_new_visitor_costs_no_call_before_the_first_write
    front = behind
    one = browser
    one.get "/quiet"
    one.get "/show"
    assert_equal [[], {}], [front.sent, one.cookies.to_hash]
    one.get "/put?a=1"
    assert_equal %w[POST], front.sent.map(&:method)
    assert_match(/_shop_session=.*HttpOnly/i, one.response.headers["Set-Cookie"])
    front.sent.clear
    one.get "/quiet"
    assert_empty front.sent, "nor does who does not ask for it"
    assert_equal({ "a" => "1" }, shown(one))
    assert_equal %w[GET], front.sent.map(&:method)
    assert_nil one.response.headers["Set-Cookie"]
  end

  def test_only_the_keys_that_changed_are_written
    front = behind
    one = browser
    one.get "/put?a=1&b=1&c=1"
    front.sent.clear
    one.get "/put?a=1&b=2&c="
    assert_equal %w[GET PATCH], front.sent.map(&:method)
    assert_equal "*", front.sent.last.headers["if-match"], "and nothing is begun under an id whose time was over"
    assert_equal [{ "op" => "add", "path" => "/b", "value" => "2" }, { "op" => "add", "path" => "/c", "value" => nil },
                  { "op" => "remove", "path" => "/c" }], JSON.parse(front.sent.last.body)
    front.sent.clear
    one.get "/put?a=1"
    assert_equal %w[GET], front.sent.map(&:method), "what changes nothing writes nothing"
  end

  def test_requests_that_overlap_lose_nothing_of_each_others
    one = browser
    one.get "/put?a=1&b=1&c=1"
    MEANWHILE << ->(id) { service.patch(id, { b: "2", c: nil, d: "2" }) }
    one.get "/put?a=3&e=3"
    MEANWHILE.clear
    assert_equal({ "a" => "3", "b" => "2", "d" => "2", "e" => "3" }, shown(one))
  end

  def test_a_late_request_brings_back_no_session_that_was_ended
    one = browser
    one.get "/put?a=1"
    before = id(one)
    MEANWHILE << ->(id) { service.end_session(id) }
    one.get "/put?a=2"
    assert_equal [409, nil], [one.response.status, one.response.headers["Set-Cookie"]]
    MEANWHILE.clear
    assert_equal "deleted", assert_raises(Coatcheck::Gone) { service.view(before) }.reason
    assert_equal({}, shown(one))
    one.get "/put?a=3"
    refute_equal before, id(one)
    assert_equal({ "a" => "3" }, shown(one))
  end

  def test_a_login_moves_and_binds_and_reset_session_ends
    one, sibling = browser, browser
    one.get "/put?cart=tea"
    before = id(one)
    sibling.cookies["_shop_session"] = cookie(one)
    MEANWHILE << ->(id) { service.patch(id, { others: 1 }) }
    one.get "/put?user_id=henrik-#{before}"
    MEANWHILE.clear
    after = id(one)
    view = service.view(after)
    assert_equal "henrik-#{before}", view["subject"]
    assert_equal({ "cart" => "tea", "others" => 1, "user_id" => "henrik-#{before}" }, view["settings"])
    assert_equal "rotated", assert_raises(Coatcheck::Gone) { service.view(before) }.reason
    # The answer with the new cookie may be on its way to this tab.
    sibling.get "/show", headers: HTML
    assert_equal [200, "1", nil], [sibling.response.status, *sibling.response.headers.values_at("refresh", "Set-Cookie")]
    assert_includes sibling.response.body, "turbo-visit-control"
    sibling.get "/show", headers: { "Accept" => "application/json" }
    assert_equal 409, sibling.response.status
    sibling.post "/out", headers: HTML
    assert_equal [409, nil], [sibling.response.status, sibling.response.headers["Set-Cookie"]]
    assert_equal "henrik-#{before}", service.view(after)["subject"], "a log-out with the old cookie changes nothing"
    one.get "/out"
    assert_equal "deleted", assert_raises(Coatcheck::Gone) { service.view(after) }.reason
    assert_equal({}, shown(one))
  end

  def test_renew_moves_the_session_and_reset_session_begins_another
    one = browser
    one.get "/put?a=1"
    first = id(one)
    one.get "/put?b=2", headers: { "X-Renew" => "1" }
    second = id(one)
    refute_equal first, second
    assert_equal({ "a" => "1", "b" => "2" }, shown(one))
    assert_equal "rotated", assert_raises(Coatcheck::Gone) { service.view(first) }.reason
    one.get "/out?fresh=yes"
    refute_equal second, id(one)
    assert_equal({ "fresh" => "yes" }, shown(one))
    assert_equal "deleted", assert_raises(Coatcheck::Gone) { service.view(second) }.reason
    new = browser
    new.get "/put?a=1", headers: { "X-Renew" => "1" }
    assert_equal({ "a" => "1" }, shown(new), "also of somebody new")
  end

  def test_a_hand_off_is_redeemed_into_the_visitors_own_session
    one = browser
    one.get "/put?cart=tea"
    code = service.handoff(id(one), subject: "henrik-#{id(one)}")
    before = id(one)
    one.get "/redeem?code=#{code}&late=yes"
    shown = JSON.parse(one.response.body)
    assert_equal [id(one), "tea"], shown
    refute_equal before, id(one)
    assert_equal({ "cart" => "tea", "late" => "yes" }, shown(one))
    assert_equal 1, service.end_subject("henrik-#{before}")
  end

  def test_a_login_over_a_session_that_was_just_ended_goes_on_without_what_that_held
    one = browser
    one.get "/put?old=1"
    before = id(one)
    MEANWHILE << ->(id) { service.end_session(id) }
    one.get "/put?user_id=hanna-#{before}"
    MEANWHILE.clear
    assert_equal({ "user_id" => "hanna-#{before}" }, shown(one))
    assert_equal 1, service.end_subject("hanna-#{before}")
  end

  def test_an_outage_is_503_and_logs_nobody_out
    one = browser
    one.get "/put?user_id=7&a=1"
    front = behind
    hasty(0.4)
    [:refuse, :hold, *FOREIGN.values].each do |harm|
      front.harm = ->(_sent) { harm }
      %w[/put?a=2 /away].each do |path|
        one.get path
        assert_equal [503, nil], [one.response.status, one.response.headers["Set-Cookie"]], "#{path}: #{harm}"
      end
      assert_operator one.response.headers["retry-after"].to_i, :>=, 1
    end
    front.harm = ->(sent) { :refuse if sent.method == "PATCH" }
    hasty(1.5)
    one.get "/put?a=2"
    assert_equal [503, nil], [one.response.status, one.response.headers["Set-Cookie"]], "also where only the write fails"
    front.harm = ->(_sent) {}
    assert_equal({ "user_id" => "7", "a" => "1" }, shown(one))
  end

  def test_an_answer_that_was_lost_is_asked_for_again_and_done_once
    one = browser
    one.get "/put?a=1"
    front = behind
    lost = []
    front.harm = ->(sent) { :lose if sent.method != "GET" && lost << sent && lost.size == 1 }
    one.get "/put?user_id=9-#{id(one)}"
    assert_equal 200, one.response.status
    keys = front.sent.select { |sent| sent.path.end_with?("/rotate") }.map { |sent| sent.headers["idempotency-key"] }
    assert_equal [2, 1], [keys.size, keys.uniq.size]
  end

  def test_a_cookie_that_the_app_has_not_signed_is_none
    one = browser
    one.get "/put?a=1"
    id = id(one)
    [id, "#{cookie(one)}x", cookie(one).sub("--", "--0"), "x"].each do |forged|
      other = browser
      other.cookies["_shop_session"] = forged
      assert_equal({}, shown(other), forged)
      other.get "/put?b=1"
      refute_equal id, id(other)
    end
  end

  def test_the_flash_is_kept_over_a_redirect_and_no_longer
    one = browser
    one.get "/flashing"
    one.get "/flashed"
    assert_equal "kept over a redirect", one.response.body
    one.get "/flashed"
    assert_equal "", one.response.body
  end

  def test_many_requests_at_once_keep_what_each_has_put
    one = browser
    one.get "/put?first=1"
    threads = 8.times.map do |n|
      other = browser
      other.cookies["_shop_session"] = cookie(one)
      Thread.new { other.get "/put?k#{n}=1" }
    end
    threads.each(&:join)
    assert_equal 9, shown(one).size
  end
end
