# frozen_string_literal: true

require_relative "helper"
require_relative "socket"

# The code of docs/frameworks/rails.md, which the helper has put into the app's folder, used as its readers would.
class DocumentsTest < ShopTest
  def teardown
    @cables&.each(&:close)
    @served&.stop
  end

  def cable(of)
    @served ||= Served.new(Shop)
    (@cables ||= []) << Cable.new(@served.port, of && CGI.escape(cookie(of)), "VisitorChannel")
    @cables.last
  end

  def page(of)
    of.get "/"
    of.response.body
  end

  def test_every_block_of_ruby_is_a_file_of_the_app
    assert_equal [%w[file Gemfile], ["file", "config/initializers/session_store.rb"],
                  ["file", "app/controllers/pages_controller.rb"], ["file", "app/controllers/logins_controller.rb"],
                  %w[file config/routes.rb], ["file", "app/channels/application_cable/connection.rb"],
                  ["file", "app/channels/visitor_channel.rb"]],
                 BLOCKS.map { |how, name, _language, _text| [how, name] }
    eval(BLOCKS.first.last, Class.new { def gem(name, path:) = [name, path] }.new.instance_eval { binding })
    assert_equal Coatcheck::SessionStore, Shop.config.session_store
  end

  def test_the_page_counts_and_a_login_binds
    one, two = browser, browser
    name = "henrik-#{SecureRandom.hex(4)}"
    assert_equal ["visit 1, light, nobody", "visit 2, light, nobody"], [page(one), page(one)]
    [one, two].each { |each| each.post "/login", params: { name: name } }
    assert_equal ["visit 3, light, #{name}", "visit 1, light, #{name}"], [page(one), page(two)]
    one.delete "/login", params: { everywhere: 1 }
    assert_equal ["visit 1, light, nobody", "visit 1, light, nobody"], [page(one), page(two)]
  end

  def test_a_channel_writes_the_session_and_every_page_hears_of_it
    one = browser
    page(one)
    first, second = cable(one), cable(one)
    [first, second].each { |each| assert_equal({ "settings" => { "visits" => 1 } }, each.told) }
    first.perform("theme", theme: "dark")
    [first, second].each { |each| assert_equal({ "settings" => { "visits" => 1, "theme" => "dark" } }, each.told) }
    assert_equal "visit 2, dark, nobody", page(one)
    assert_equal 2, first.told["settings"]["visits"]
    assert_equal "unauthorized", cable(nil).told
  end

  def test_a_login_in_a_socket_is_carried_to_the_browser_once
    one, other = browser, browser
    page(one)
    page(other)
    socket = cable(one)
    socket.told
    name = "hanna-#{SecureRandom.hex(4)}"
    socket.perform("log_in", name: name)
    code = socket.told["code"]
    other.post "/login/continue", params: { code: code }
    assert_equal "visit 2, light, nobody", page(other), "it is good for the visitor's own browser alone"
    before = id(one)
    one.post "/login/continue", params: { code: code }
    assert_equal({ "ended" => "rotated" }, socket.told)
    assert_equal "visit 2, light, #{name}", page(one)
    refute_equal before, id(one)
    one.post "/login/continue", params: { code: code }
    assert_equal "visit 3, light, #{name}", page(one), "a second use changes nothing"
    one.delete "/login"
    assert_equal "visit 1, light, nobody", page(one)
  end
end
