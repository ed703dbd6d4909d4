"""The changes of many sessions over one stream, for a process that serves many live views."""

from __future__ import annotations

import queue
import threading
from typing import Any, Generator, Optional

from ._feed import Item, Join, Leave, Listener, Reader, Refused, line
from ._plan import Effect, Take
from ._service import Service
from ._sync_runner import Runner
from .errors import CoatcheckError
from .events import Ended, Event


class Feed:
    """``feed.changes(id)`` is what ``session(id).changes()`` is. API keys only.

    It has two threads of its own, which end with the process.
    """

    def __init__(self, runner: Runner, service: Service) -> None:
        self._runner = runner
        self._reader = Reader(lambda ids: service.batch(ids, False, None))
        self._inbox: "queue.SimpleQueue[Optional[Item]]" = queue.SimpleQueue()
        self._news = threading.Condition()
        self._is_started = False
        self._is_closed = False

    def changes(self, id: str, *, except_origin: Optional[str] = None) -> Generator[Event, None, None]:
        """What happens to one session, beginning with a :class:`Snapshot`; ends after :class:`Ended`, and when the feed or
        the client is closed. Watching is no use of the session.

        Raises :class:`CoatcheckError` where the service refuses the feed for good, ValueError where the id is no UUID.
        """
        if self._is_closed or self._runner.is_closed:
            raise CoatcheckError("closed", "The feed was closed.")
        listener = Listener(id, except_origin, self._wake)
        self._start()
        self._inbox.put(Join(listener))
        try:
            while True:
                with self._news:
                    while not listener.waiting and not listener.is_over and not self._is_closed:
                        self._news.wait()
                while listener.waiting:
                    event = listener.waiting.popleft()
                    yield event
                    if isinstance(event, Ended):
                        return
                if listener.error is not None:
                    raise listener.error
                if listener.is_over or self._is_closed:
                    return
        finally:
            self._inbox.put(Leave(listener))

    def close(self) -> None:
        """Ends all its listeners."""
        self._is_closed = True
        self._inbox.put(None)
        self._wake()

    def _wake(self) -> None:
        with self._news:
            self._news.notify_all()

    def _start(self) -> None:
        with self._news:
            if self._is_started:
                return
            self._is_started = True
        for work in (self._line, self._read):
            threading.Thread(target=work, name="coatcheck-feed", daemon=True).start()

    def _line(self) -> None:
        try:
            for event in self._runner.events(line()):
                if self._is_closed:
                    return
                self._inbox.put(event)
        except CoatcheckError as error:
            self._inbox.put(Refused(error))
        else:
            self.close()

    def _read(self) -> None:
        plan = self._reader.run()
        given: Any = None
        thrown: Optional[BaseException] = None
        while True:
            effect: Effect = plan.send(given) if thrown is None else plan.throw(thrown)
            given, thrown = None, None
            try:
                if isinstance(effect, Take):
                    given = self._taken(effect.seconds)
                    if self._is_closed:
                        return
                else:
                    given = self._runner.do(effect)
            except Exception as error:
                thrown = error

    def _taken(self, seconds: Optional[float]) -> Optional[Item]:
        try:
            return self._inbox.get(timeout=seconds) if seconds != 0 else self._inbox.get_nowait()
        except queue.Empty:
            return None
