"""Does what plans ask for, in the thread that asks. It decides nothing."""

from __future__ import annotations

import os
import ssl
import threading
from time import monotonic
from typing import Any, Callable, Generator, Optional, Set, TypeVar, Union

import httpx

from ._base import MOST_BYTES, answer_of, outgoing, shut
from ._credential import Source
from ._listen import SILENT
from ._plan import Answer, Ask, Close, Effect, Obtain, Open, Piece, Plan, Request, Send, Sleep, Tell, Unanswered
from ._transport import Transport, deadline
from .errors import CoatcheckError

_T = TypeVar("_T")


def new_transport(verify: Union[bool, ssl.SSLContext]) -> httpx.BaseTransport:
    """A pool of lines to the service."""
    return Transport(verify)


class Runner:
    """Runs the plans of one client, in any thread."""

    def __init__(self, base: str, source: Source, transport: Callable[[], httpx.BaseTransport]) -> None:
        self._base = base
        self._source = source
        self._make = transport
        self._transport: Optional[httpx.BaseTransport] = None
        self._process = 0
        self._opening = threading.Lock()
        self._asking = threading.RLock()
        self._streams: Set[_Stream] = set()
        self._closed = threading.Event()

    @property
    def is_closed(self) -> bool:
        """Whether the client was closed."""
        return self._closed.is_set()

    def run(self, plan: Plan[_T]) -> _T:
        """Does all that a plan asks for, and gives its result."""
        given: Any = None
        thrown: Optional[BaseException] = None
        while True:
            try:
                effect = plan.send(given) if thrown is None else plan.throw(thrown)
            except StopIteration as stop:
                return stop.value  # type: ignore[no-any-return]
            given, thrown = None, None
            try:
                given = self.do(effect)
            except Exception as error:
                thrown = error

    def events(self, plan: Generator[Effect, Any, None]) -> Generator[Any, None, None]:
        """Does all that a plan of a stream asks for, and gives what it tells. It ends when the client is closed."""
        stream: Optional[_Stream] = None
        given: Any = None
        thrown: Optional[BaseException] = None
        try:
            while True:
                try:
                    effect = plan.send(given) if thrown is None else plan.throw(thrown)
                except StopIteration:
                    return
                given, thrown = None, None
                if isinstance(effect, Tell):
                    yield effect.event
                    continue
                try:
                    if isinstance(effect, Open):
                        stream = _Stream(self._streams)
                        left = max(0.001, effect.until - monotonic())
                        asked = outgoing(self._base, effect.request, left, SILENT)
                        given = stream.open(self._used(), asked, effect.until)
                    elif isinstance(effect, Piece) and stream:
                        given = stream.piece()
                    elif isinstance(effect, Close):
                        if stream:
                            stream.close()
                    else:
                        given = self.do(effect)
                except Exception as error:
                    if self.is_closed:
                        return
                    thrown = error
        finally:
            if stream:
                stream.close()

    def do(self, effect: Effect) -> Any:
        """Does one thing."""
        if self.is_closed:
            raise CoatcheckError("closed", "The client was closed.")
        if isinstance(effect, Send):
            return self._send(effect.request, effect.until)
        if isinstance(effect, Sleep):
            if self._closed.wait(effect.seconds):
                raise CoatcheckError("closed", "The client was closed.")
            return None
        if isinstance(effect, Obtain):
            return self._obtain(effect)
        if isinstance(effect, Ask):
            return effect.function()
        raise AssertionError(effect)

    def close(self) -> None:
        """Ends the streams and the pauses."""
        self._closed.set()
        for stream in list(self._streams):
            stream.shut()
        if self._transport is not None and self._process == os.getpid():
            self._transport.close()

    def _used(self) -> httpx.BaseTransport:
        # Two processes cannot share connections: one that was forked makes its own.
        with self._opening:
            if self._transport is None or self._process != os.getpid():
                self._transport, self._process = self._make(), os.getpid()
            return self._transport

    def _obtain(self, effect: Obtain) -> Optional[str]:
        ready = self._source.ready(effect.refused)
        if ready is not None:
            return ready
        if not self._asking.acquire(timeout=max(0.0, effect.until - monotonic())):
            raise Unanswered(True)
        try:
            return self.run(self._source.obtain(effect.refused))
        finally:
            self._asking.release()

    def _send(self, request: Request, until: float) -> Answer:
        left = until - monotonic()
        if left <= 0:
            raise Unanswered(True)
        try:
            with deadline(until):
                response = self._used().handle_request(outgoing(self._base, request, left, left))
                try:
                    return answer_of(response, _whole(response, until))
                finally:
                    response.close()
        except httpx.HTTPError as error:
            raise Unanswered(isinstance(error, httpx.TimeoutException)) from None


def _whole(response: httpx.Response, until: float) -> bytes:
    content = bytearray()
    for piece in response.stream:  # type: ignore[union-attr]
        content += piece
        if monotonic() > until:
            raise Unanswered(True)
        if len(content) > MOST_BYTES:
            raise Unanswered
    return bytes(content)


class _Stream:
    """A response whose content comes piece by piece."""

    def __init__(self, all: Set[_Stream]) -> None:
        self._all = all
        self._response: Optional[httpx.Response] = None
        self._pieces: Any = None

    def open(self, transport: httpx.BaseTransport, request: httpx.Request, until: float) -> Answer:
        try:
            with deadline(until):
                self._response = transport.handle_request(request)
                self._all.add(self)
                if self._response.status_code != 200:
                    return answer_of(self._response, _whole(self._response, until))
        except httpx.HTTPError:
            raise Unanswered from None
        self._pieces = iter(self._response.stream)  # type: ignore[arg-type]
        return answer_of(self._response)

    def piece(self) -> Optional[bytes]:
        try:
            return next(self._pieces, None)
        except httpx.HTTPError:
            raise Unanswered from None

    def shut(self) -> None:
        if self._response is not None:
            shut(self._response.extensions)

    def close(self) -> None:
        self._all.discard(self)
        if self._response is not None:
            self._response.close()
