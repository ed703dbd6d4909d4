"""Lines to the service for threads, on which a deadline counts for each byte.

A transport of httpx gives every read of the socket its whole time anew, so a server that sends its headers byte by byte would
never be late. httpcore, which it stands on, takes a backend: this one gives each read what is left until the deadline of the
call that this thread makes.
"""

from __future__ import annotations

import ssl
import threading
from contextlib import contextmanager
from importlib import import_module
from time import monotonic
from typing import Any, Iterator, Optional, Union

import httpcore
import httpx

from ._base import MOST_KEPT

_PIECE = 65536
_call = threading.local()


@contextmanager
def deadline(until: float) -> Iterator[None]:
    """What this thread reads and writes meanwhile is over at that time of the monotonic clock."""
    _call.until = until
    try:
        yield
    finally:
        _call.until = None


def _left(timeout: Optional[float], late: Exception) -> Optional[float]:
    until: Optional[float] = getattr(_call, "until", None)
    if until is None:
        return timeout
    left = until - monotonic()
    if left <= 0:
        raise late
    return left if timeout is None else min(timeout, left)


class _Line:
    """A network stream of httpcore."""

    def __init__(self, inner: Any) -> None:
        self._inner = inner

    def read(self, max_bytes: int, timeout: Optional[float] = None) -> bytes:
        return self._inner.read(max_bytes, _left(timeout, httpcore.ReadTimeout()))  # type: ignore[no-any-return]

    def write(self, buffer: bytes, timeout: Optional[float] = None) -> None:
        for at in range(0, len(buffer), _PIECE):
            self._inner.write(buffer[at : at + _PIECE], _left(timeout, httpcore.WriteTimeout()))

    def close(self) -> None:
        self._inner.close()

    def start_tls(
        self, ssl_context: ssl.SSLContext, server_hostname: Optional[str] = None, timeout: Optional[float] = None
    ) -> _Line:
        return _Line(self._inner.start_tls(ssl_context, server_hostname, _left(timeout, httpcore.ConnectTimeout())))

    def get_extra_info(self, info: str) -> Any:
        return self._inner.get_extra_info(info)


def _sockets() -> Any:
    made = getattr(httpcore, "SyncBackend", None)
    # Before 0.17 it was not at the top.
    return made() if made else import_module("httpcore.backends.sync").SyncBackend()


class _Backend:
    """A network backend of httpcore."""

    def __init__(self) -> None:
        self._inner = _sockets()

    def connect_tcp(self, *args: Any, **options: Any) -> _Line:
        return _Line(self._inner.connect_tcp(*args, **options))

    def sleep(self, seconds: float) -> None:
        self._inner.sleep(seconds)


@contextmanager
def _as_httpx() -> Iterator[None]:
    try:
        yield
    except httpcore.TimeoutException as error:
        raise httpx.TimeoutException(str(error)) from error
    except (httpcore.NetworkError, httpcore.ProtocolError) as error:
        raise httpx.TransportError(str(error)) from error


class _Content(httpx.SyncByteStream):
    def __init__(self, inner: Any) -> None:
        self._inner = inner

    def __iter__(self) -> Iterator[bytes]:
        with _as_httpx():
            yield from self._inner

    def close(self) -> None:
        self._inner.close()


class Transport(httpx.BaseTransport):
    """A pool of lines, to no proxy."""

    def __init__(self, verify: Union[bool, ssl.SSLContext]) -> None:
        backend: Any = _Backend()
        self._pool = httpcore.ConnectionPool(
            ssl_context=verify if isinstance(verify, ssl.SSLContext) else None,
            max_connections=None,
            max_keepalive_connections=MOST_KEPT,
            keepalive_expiry=5.0,
            network_backend=backend,
        )

    def handle_request(self, request: httpx.Request) -> httpx.Response:
        url = httpcore.URL(
            scheme=request.url.raw_scheme, host=request.url.raw_host, port=request.url.port, target=request.url.raw_path
        )
        asked = httpcore.Request(
            request.method, url, headers=request.headers.raw, content=request.stream, extensions=request.extensions
        )
        with _as_httpx():
            answer = self._pool.handle_request(asked)
        return httpx.Response(
            answer.status, headers=answer.headers, stream=_Content(answer.stream), extensions=answer.extensions
        )

    def close(self) -> None:
        self._pool.close()
