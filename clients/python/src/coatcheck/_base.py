"""What both clients are made of."""

from __future__ import annotations

import ssl
from typing import Any, Dict, Mapping, Optional, Union
from urllib.parse import urlsplit

import httpx

from ._plan import Answer, Request, lower

#: A longer answer is none of the service's: it would fill the memory. In bytes.
MOST_BYTES = 64 * 2**20
#: So many lines are kept open between calls.
MOST_KEPT = 20

Verify = Union[str, ssl.SSLContext, None]


def base_of(url: str) -> str:
    """The service's URL without a slash at its end. Raises ValueError where calls cannot be made to it."""
    try:
        parts = urlsplit(url)
        is_right = parts.scheme in ("http", "https") and parts.hostname and not parts.query and not parts.fragment
        parts.port
    except ValueError:
        is_right = False
    if not is_right:
        raise ValueError("The url is no URL of a service: it looks like http://127.0.0.1:3000.")
    if parts.username is not None or parts.password is not None:
        raise ValueError("The url has a user or a password in it: take them out.")
    return url.rstrip("/")


def origin_of(text: Optional[str]) -> Optional[str]:
    """What a client calls itself in the changes that it makes."""
    if text is not None and not (1 <= len(text) <= 64 and all("!" <= one <= "~" for one in text)):
        raise ValueError("An origin is 1 to 64 visible ASCII characters.")
    return text


def trust(url: str, verify: Verify) -> Union[bool, ssl.SSLContext]:
    """Whose certificates are taken: the system's, or those of the file that is named."""
    if not url.startswith("https:"):
        return False
    return verify if isinstance(verify, ssl.SSLContext) else ssl.create_default_context(cafile=verify)


def outgoing(base: str, request: Request, left: float, silent: float) -> httpx.Request:
    """A request for a transport of httpx. It goes to the service that was named, and to no other."""
    headers = {"accept-encoding": "identity", "user-agent": "coatcheck-python", **request.headers}
    timeout: Dict[str, float] = {"connect": left, "read": silent, "write": left, "pool": left}
    return httpx.Request(
        request.method, base + request.path, headers=headers, content=request.content, extensions={"timeout": timeout}
    )


def answer_of(response: httpx.Response, content: bytes = b"") -> Answer:
    """The answer, as plans know it."""
    return Answer(response.status_code, lower(response.headers), content)


def shut(extensions: Mapping[str, Any]) -> None:
    """Wakes whoever reads from this line: it has come to its end."""
    stream = extensions.get("network_stream")
    line = stream and stream.get_extra_info("socket")
    try:
        if line is not None:
            line.shutdown(2)
    except OSError:
        pass
