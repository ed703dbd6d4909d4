# frozen_string_literal: true

# The tests stand on a Coatcheck that runs (COATCHECK_URL, COATCHECK_API_KEY), and on the app that docs/frameworks/rails.md
# shows, whose files are written out of the page.
require "fileutils"
require "minitest/autorun"
require "tmpdir"
require "rails"
require "action_controller/railtie"
require "action_view/railtie"
require "action_cable/engine"
require "coatcheck"
require_relative "front"

URL = ENV.fetch("COATCHECK_URL")
KEY = ENV.fetch("COATCHECK_API_KEY")
OWN = "HTTP/1.1 503 x\r\nCoatcheck-Version: 1\r\nRetry-After: 9\r\nContent-Length: 54\r\n\r\n" \
      '{"code":"store_unavailable","detail":"x","status":503}'
FOREIGN = {
  "a page of a proxy" => "HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\n{}",
  "a health check" => "HTTP/1.1 204 No Content\r\n\r\n",
  "another's 404" => "HTTP/1.1 404 Not Found\r\nContent-Length: 28\r\n\r\n{\"code\":\"session_not_found\"}",
  "another's 410" => "HTTP/1.1 410 Gone\r\nContent-Length: 23\r\n\r\n{\"code\":\"session_gone\"}",
  "a 503 of its own" => OWN
}.freeze

PAGE = File.read(File.join(ENV.fetch("COATCHECK_DOCS") { File.expand_path("../../../docs", __dir__) }, "frameworks/rails.md"))
BLOCKS = PAGE.scan(/^(?:<!-- (\w+) (\S+) -->\n)?```(\w+)\n(.*?)^```$/m)
HOME = Dir.mktmpdir
Minitest.after_run { FileUtils.rm_rf(HOME) }
BLOCKS.each do |_how, name, _language, text|
  next if name.nil?

  FileUtils.mkdir_p(File.dirname("#{HOME}/#{name}"))
  File.write("#{HOME}/#{name}", text)
end

class ApplicationController < ActionController::Base; end

class Shop < Rails::Application
  config.root = HOME
  config.load_defaults 6.1
  config.eager_load = false
  config.secret_key_base = "the secret of the tests" * 4
  config.logger = Logger.new(IO::NULL)
  config.hosts.clear
  config.action_cable.disable_request_forgery_protection = true
  config.action_dispatch.show_exceptions = false
  config.action_controller.allow_forgery_protection = false
  config.consider_all_requests_local = true
  config.active_support.deprecation = :silence
end
FileUtils.mkdir_p("#{HOME}/config")
File.write("#{HOME}/config/cable.yml", "test:\n  adapter: async\nproduction:\n  adapter: async\ndevelopment:\n  adapter: async\n")
Shop.routes.append do
  %w[put show quiet id away out redeem flashing flashed].each { |name| match name, to: "probes##{name}", via: %i[get post] }
end
Shop.initialize!

# What happens in the middle of a request.
MEANWHILE = []

class ProbesController < ApplicationController
  def put
    session[:anything]
    MEANWHILE.each { |work| work.call(session.id.to_s) }
    given = request.query_parameters
    given.each { |name, value| value.empty? ? session.delete(name) : session[name] = value }
    request.session_options[:renew] = true if request.headers["X-Renew"]
    render plain: "put"
  end

  def show = render(json: session.to_hash)
  def quiet = render(plain: "quiet")
  def id = render(plain: session.id.to_s)

  def away
    view_context.session[:anything]
    render inline: "<%= session[:anything] %>"
  end

  def out
    reset_session
    session[:fresh] = params[:fresh] if params[:fresh]
    render plain: "out"
  end

  def redeem
    Coatcheck::SessionStore.redeem(request, params[:code])
    session[:late] = params[:late]
    render json: [session.id.to_s, session[:cart]]
  end

  def flashing
    redirect_to "/show", notice: "kept over a redirect"
  end

  def flashed = render(plain: flash[:notice].to_s)
end

class ShopTest < Minitest::Test
  def setup
    Coatcheck.client = Coatcheck::Client.new(url: URL, key: KEY)
    MEANWHILE.clear
  end

  def teardown = @front&.close

  def browser = ActionDispatch::Integration::Session.new(Shop)

  def service = @service ||= Coatcheck::Client.new(url: URL, key: KEY)

  # Has the app reach the service by a front that can harm calls.
  def behind(seconds: 20)
    @front = Front.new(URL)
    Coatcheck.client = Coatcheck::Client.new(url: @front.url, key: KEY, seconds: seconds)
    @front
  end

  def hasty(seconds) = Coatcheck.client = Coatcheck::Client.new(url: @front.url, key: KEY, seconds: seconds)

  def cookie(of) = of.cookies["_shop_session"]

  def id(of)
    of.get "/id"
    of.response.body
  end

  def shown(of)
    of.get "/show"
    JSON.parse(of.response.body)
  end
end
