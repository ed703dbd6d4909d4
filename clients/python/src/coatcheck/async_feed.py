"""The changes of many sessions over one stream, for a process that serves many live views."""

from __future__ import annotations

import asyncio
from typing import Any, AsyncGenerator, List, Optional, Set

from ._async_runner import AsyncRunner
from ._feed import Item, Join, Leave, Listener, Reader, Refused, line
from ._plan import Effect, Plan, Take
from ._service import Service
from .errors import CoatcheckError
from .events import Ended, Event
from .shapes import Batch


class AsyncFeed:
    """``feed.changes(id)`` is what ``session(id).changes()`` is. API keys only."""

    def __init__(self, runner: AsyncRunner, service: Service) -> None:
        self._runner = runner
        self._reader = Reader(lambda ids: _batch(service, ids))
        self._inbox: Optional["asyncio.Queue[Item]"] = None
        self._tasks: Set["asyncio.Task[None]"] = set()
        self._is_closed = False

    async def changes(self, id: str, *, except_origin: Optional[str] = None) -> AsyncGenerator[Event, None]:
        """What happens to one session, beginning with a :class:`Snapshot`; ends after :class:`Ended`, and when the feed or
        the client is closed. Watching is no use of the session.

        Raises :class:`CoatcheckError` where the service refuses the feed for good, ValueError where the id is no UUID.
        """
        if self._is_closed or self._runner.is_closed:
            raise CoatcheckError("closed", "The feed was closed.")
        news = asyncio.Event()
        listener = Listener(id, except_origin, news.set)
        inbox = self._started()
        inbox.put_nowait(Join(listener))
        try:
            while True:
                while listener.waiting:
                    event = listener.waiting.popleft()
                    yield event
                    if isinstance(event, Ended):
                        return
                if listener.is_over:
                    if listener.error is not None:
                        raise listener.error
                    return
                news.clear()
                await news.wait()
        finally:
            inbox.put_nowait(Leave(listener))

    async def aclose(self) -> None:
        """Ends the stream and all its listeners."""
        self._is_closed = True
        for task in self._tasks:
            task.cancel()
        await asyncio.gather(*self._tasks, return_exceptions=True)
        self._reader.end()

    def _started(self) -> "asyncio.Queue[Item]":
        if self._inbox is None:
            self._inbox = asyncio.Queue()
            self._runner.at_end.append(self.aclose)
            self._tasks = {asyncio.ensure_future(self._line(self._inbox)), asyncio.ensure_future(self._read(self._inbox))}
        return self._inbox

    async def _line(self, inbox: "asyncio.Queue[Item]") -> None:
        try:
            async for event in self._runner.events(line()):
                inbox.put_nowait(event)
        except CoatcheckError as error:
            inbox.put_nowait(Refused(error))
        else:
            self._reader.end()

    async def _read(self, inbox: "asyncio.Queue[Item]") -> None:
        plan = self._reader.run()
        given: Any = None
        thrown: Optional[BaseException] = None
        while True:
            effect: Effect = plan.send(given) if thrown is None else plan.throw(thrown)
            given, thrown = None, None
            try:
                given = await (_taken(inbox, effect) if isinstance(effect, Take) else self._runner.do(effect))
            except Exception as error:
                thrown = error


def _batch(service: Service, ids: List[str]) -> Plan[Batch]:
    return service.batch(ids, False, None)


async def _taken(inbox: "asyncio.Queue[Item]", effect: Take) -> Optional[Item]:
    if effect.seconds == 0 or not inbox.empty():
        return None if inbox.empty() else inbox.get_nowait()
    try:
        return await asyncio.wait_for(inbox.get(), effect.seconds)
    except asyncio.TimeoutError:
        return None
