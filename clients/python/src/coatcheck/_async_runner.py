"""Does what plans ask for, by asyncio. It decides nothing."""

from __future__ import annotations

import asyncio
import inspect
import ssl
from time import monotonic
from typing import Any, AsyncGenerator, Awaitable, Callable, Generator, List, NamedTuple, Optional, Set, TypeVar, Union
from weakref import WeakKeyDictionary

import httpx

from ._base import MOST_BYTES, MOST_KEPT, answer_of, outgoing, shut
from ._credential import Source
from ._listen import SILENT
from ._plan import Answer, Ask, Close, Effect, Obtain, Open, Piece, Plan, Request, Send, Sleep, Tell, Unanswered
from .errors import CoatcheckError

_T = TypeVar("_T")


def new_transport(verify: Union[bool, ssl.SSLContext]) -> httpx.AsyncBaseTransport:
    """A pool of lines to the service."""
    limits = httpx.Limits(max_connections=None, max_keepalive_connections=MOST_KEPT)
    return httpx.AsyncHTTPTransport(verify=verify, limits=limits)


class _Lines(NamedTuple):
    transport: httpx.AsyncBaseTransport
    #: Held while the credential is asked for.
    asking: asyncio.Lock


class AsyncRunner:
    """Runs the plans of one client."""

    def __init__(self, base: str, source: Source, transport: Callable[[], httpx.AsyncBaseTransport]) -> None:
        self._base = base
        self._source = source
        self._make = transport
        # Two event loops cannot share connections.
        self._lines: "WeakKeyDictionary[asyncio.AbstractEventLoop, _Lines]" = WeakKeyDictionary()
        self._pauses: Set["asyncio.Future[None]"] = set()
        self._streams: Set[_Stream] = set()
        #: What else ends with the client.
        self.at_end: List[Callable[[], Awaitable[None]]] = []
        self.is_closed = False

    async def run(self, plan: Plan[_T]) -> _T:
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
                given = await self.do(effect)
            except Exception as error:
                thrown = error

    async def events(self, plan: Generator[Effect, Any, None]) -> AsyncGenerator[Any, None]:
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
                        given = await stream.open(self._used().transport, outgoing(self._base, *_times(effect)), effect.until)
                    elif isinstance(effect, Piece) and stream:
                        given = await stream.piece()
                    elif isinstance(effect, Close):
                        if stream:
                            await stream.close()
                    else:
                        given = await self.do(effect)
                except Exception as error:
                    if self.is_closed:
                        return
                    thrown = error
        finally:
            if stream:
                await stream.close()

    async def do(self, effect: Effect) -> Any:
        """Does one thing."""
        if self.is_closed:
            raise CoatcheckError("closed", "The client was closed.")
        if isinstance(effect, Send):
            return await self._send(effect.request, effect.until)
        if isinstance(effect, Sleep):
            return await self._pause(effect.seconds)
        if isinstance(effect, Obtain):
            return await self._obtain(effect)
        if isinstance(effect, Ask):
            given = effect.function()
            return (await given) if inspect.isawaitable(given) else given
        raise AssertionError(effect)

    async def close(self) -> None:
        """Ends the streams and the pauses."""
        self.is_closed = True
        for pause in list(self._pauses):
            if not pause.done():
                pause.set_result(None)
        for stream in list(self._streams):
            stream.shut()
        for end in self.at_end:
            await end()
        await self._used().transport.aclose()

    def _used(self) -> _Lines:
        loop = asyncio.get_running_loop()
        if loop not in self._lines:
            self._lines[loop] = _Lines(self._make(), asyncio.Lock())
        return self._lines[loop]

    async def _pause(self, seconds: float) -> None:
        pause = asyncio.get_running_loop().create_future()
        self._pauses.add(pause)
        try:
            await asyncio.wait({pause}, timeout=seconds)
        finally:
            self._pauses.discard(pause)
        if self.is_closed:
            raise CoatcheckError("closed", "The client was closed.")

    async def _obtain(self, effect: Obtain) -> Optional[str]:
        ready = self._source.ready(effect.refused)
        if ready is not None:
            return ready
        async def obtained(lock: asyncio.Lock) -> Optional[str]:
            async with lock:
                return await self.run(self._source.obtain(effect.refused))

        return await _within(effect.until, obtained(self._used().asking))

    async def _send(self, request: Request, until: float) -> Answer:
        left = until - monotonic()
        if left <= 0:
            raise Unanswered(True)
        return await _within(until, self._exchange(outgoing(self._base, request, left, left)))

    async def _exchange(self, request: httpx.Request) -> Answer:
        try:
            response = await self._used().transport.handle_async_request(request)
            try:
                return answer_of(response, await _whole(response))
            finally:
                await response.aclose()
        except httpx.HTTPError as error:
            raise Unanswered(isinstance(error, httpx.TimeoutException)) from None


def _times(effect: Open) -> Any:
    return effect.request, max(0.001, effect.until - monotonic()), SILENT


async def _within(until: float, work: Awaitable[_T]) -> _T:
    try:
        return await asyncio.wait_for(work, max(0.0, until - monotonic()))
    except asyncio.TimeoutError:
        raise Unanswered(True) from None


async def _whole(response: httpx.Response) -> bytes:
    content = bytearray()
    async for piece in response.stream:  # type: ignore[union-attr]
        content += piece
        if len(content) > MOST_BYTES:
            raise Unanswered
    return bytes(content)


class _Stream:
    """A response whose content comes piece by piece."""

    def __init__(self, all: Set[_Stream]) -> None:
        self._all = all
        self._response: Optional[httpx.Response] = None
        self._pieces: Any = None

    async def open(self, transport: httpx.AsyncBaseTransport, request: httpx.Request, until: float) -> Answer:
        try:
            response = self._response = await _within(until, transport.handle_async_request(request))
            self._all.add(self)
            if response.status_code != 200:
                return answer_of(response, await _within(until, _whole(response)))
        except httpx.HTTPError:
            raise Unanswered from None
        self._pieces = response.stream.__aiter__()  # type: ignore[union-attr]
        return answer_of(response)

    async def piece(self) -> Optional[bytes]:
        try:
            return await self._pieces.__anext__()  # type: ignore[no-any-return]
        except StopAsyncIteration:
            return None
        except httpx.HTTPError:
            raise Unanswered from None

    def shut(self) -> None:
        if self._response is not None:
            shut(self._response.extensions)

    async def close(self) -> None:
        self._all.discard(self)
        if self._response is not None:
            await self._response.aclose()
