"""What a browser is shown in place of a page that could not be made."""

from __future__ import annotations

from typing import Dict, Tuple

from .errors import CoatcheckError

Page = Tuple[int, Dict[str, str], str]

_TEXT = {"Content-Type": "text/plain; charset=utf-8", "Cache-Control": "no-store"}
_HTML = """<!doctype html>
<html lang="en"><head><meta charset="utf-8"><meta http-equiv="refresh" content="1">
<title>One moment</title><link rel="icon" href="data:,"></head>
<body><main><h1>One moment</h1><p>You have just logged in in another tab.</p></main></body></html>
"""


def away(error: CoatcheckError) -> Page:
    """The service is away. Nobody is logged out by that."""
    seconds = str(max(1, int(error.retry_after or 1)))
    return 503, {**_TEXT, "Retry-After": seconds}, "The sessions cannot be reached just now. Load this page again.\n"


def one_moment(method: str, accept: str) -> Page:
    """A login in another tab has moved the session, and its cookie is on its way here."""
    if method in ("GET", "HEAD") and (accept == "" or "text/html" in accept):
        return 200, {"Content-Type": "text/html; charset=utf-8", "Cache-Control": "no-store", "Refresh": "1"}, _HTML
    text = "You have just logged in in another tab. Load the page again, then repeat this.\n"
    return 409, {**_TEXT, "Retry-After": "1"}, text


def over() -> Page:
    """The session has ended while the request was under way."""
    text = "The session has ended while this was done, so it was not kept. Load the page again.\n"
    return 409, dict(_TEXT), text
