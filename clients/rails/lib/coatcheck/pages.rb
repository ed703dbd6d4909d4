# frozen_string_literal: true

module Coatcheck
  # What a browser is shown in place of a page that could not be made, as answers of Rack. None of them sets a cookie.
  module Pages
    MOMENT = <<~HTML
      <!doctype html>
      <html lang="en"><head><meta charset="utf-8"><meta http-equiv="refresh" content="1">
      <meta name="turbo-visit-control" content="reload"><title>One moment</title><link rel="icon" href="data:,"></head>
      <body><main><h1>One moment</h1><p>You have just logged in in another tab.</p></main></body></html>
    HTML

    module_function

    # The answer for an error, or nil where it is none of ours. A view's error has the real one as its cause.
    def for(error, env)
      case ours = [error, error.cause].find { |one| [Away, Moving, Over].any? { |kind| one.is_a?(kind) } }
      when Away
        seconds = [ours.retry_after.to_i, 1].max
        text(503, "The sessions cannot be reached just now. Load this page again.", "retry-after" => seconds.to_s)
      when Moving then one_moment(env)
      when Over then text(409, "The session has ended while this was done, so it was not kept. Load the page again.")
      end
    end

    def one_moment(env)
      accept = env["HTTP_ACCEPT"].to_s
      is_page = %w[GET HEAD].include?(env["REQUEST_METHOD"]) && (accept.empty? || accept.include?("text/html"))
      told = "You have just logged in in another tab. Load the page again, then repeat this."
      return text(409, told, "retry-after" => "1") unless is_page

      [200, { "content-type" => "text/html; charset=utf-8", "cache-control" => "no-store", "refresh" => "1" }, [MOMENT]]
    end

    def text(status, told, more = {})
      [status, { "content-type" => "text/plain; charset=utf-8", "cache-control" => "no-store", **more }, ["#{told}\n"]]
    end
  end
end
