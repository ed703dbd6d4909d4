"""The changes of many sessions over one stream, without a line of input or output.

One line puts what the service tells into an inbox, and one reader takes it from there, in order; nothing else touches what
is held. The stream tells what happens and not what there was: whoever begins to listen is given a snapshot that is read
then, and where the stream says that it may have missed something (``gap``), all that is held is read again. Delivery is by
state: a listener may see two changes as one, and ends with what is there.
"""

from __future__ import annotations

from collections import deque
from dataclasses import dataclass, field
from time import monotonic
from typing import Any, Callable, Deque, Dict, Generator, List, Mapping, Optional, Union

from ._call import decode
from ._listen import OPENED, ServerEvent, listen
from ._plan import Effect, Plan, Take, pause_before
from .errors import CoatcheckError
from .events import Changed, Ended, Event, Expiring, Snapshot, changed, is_echo
from .shapes import Batch, Mismatch, is_uuid, member, obj, of, time

MOST_READ_AT_ONCE = 100
MOST_WAITING = 100
MISSING = Snapshot({}, 0, "0")


class Listener:
    """One who listens to a session. What it has not taken yet waits here; too much gives way to a snapshot."""

    def __init__(self, id: str, except_origin: Optional[str], wake: Callable[[], None]) -> None:
        if not is_uuid(id.lower()):
            raise ValueError("A feed knows sessions by their UUIDs: this id is none.")
        self.id = id.lower()
        self.waiting: Deque[Event] = deque()
        self.error: Optional[CoatcheckError] = None
        #: Nothing comes any more.
        self.is_over = False
        self._except_origin = except_origin
        self._has_begun = False
        self._wake = wake

    def tell(self, event: Event, present: Optional[Snapshot]) -> None:
        """``present`` is what stands now, in place of all that waits."""
        if self.is_over or is_echo(event, self._except_origin):
            return
        self._has_begun = self._has_begun or isinstance(event, Snapshot)
        if not self._has_begun and not isinstance(event, Ended):
            return
        if len(self.waiting) < MOST_WAITING or present is None:
            self.waiting.append(event)
        else:
            self.waiting.clear()
            self.waiting.append(present)
            if not isinstance(event, (Snapshot, Changed)):
                self.waiting.append(event)
        self.is_over = isinstance(event, Ended)
        self._wake()

    def end(self, error: Optional[CoatcheckError] = None) -> None:
        """Nothing comes any more: after what waits it is done, or raises the error."""
        if not self.is_over:
            self.is_over, self.error = True, error
            self._wake()

    @property
    def has_begun(self) -> bool:
        """Whether it was given a first snapshot."""
        return self._has_begun


@dataclass
class _Held:
    listeners: List[Listener] = field(default_factory=list)
    #: None before it was read.
    state: Optional[Snapshot] = None
    #: Something may have been missed: it is to be read.
    is_stale: bool = True


@dataclass(frozen=True)
class Join:
    """Somebody begins to listen."""

    listener: Listener


@dataclass(frozen=True)
class Leave:
    """Somebody listens no more."""

    listener: Listener


@dataclass(frozen=True)
class Refused:
    """The service refuses the stream for good."""

    error: CoatcheckError


Item = Union[ServerEvent, Join, Leave, Refused]


def line() -> Generator[Effect, Any, None]:
    """Tells all that goes into the inbox."""
    yield from listen("/v1/events")


class Reader:
    """Holds the state of each session that somebody listens to."""

    def __init__(self, batch: Callable[[List[str]], Plan[Batch]]) -> None:
        self._batch = batch
        self._held: Dict[str, _Held] = {}
        #: Whether all that happens is being told.
        self._is_open = False
        self._refused: Optional[CoatcheckError] = None

    def run(self) -> Generator[Effect, Any, None]:
        """Takes items from the inbox for ever, and reads what is stale whenever there are none."""
        failures, not_before = 0, 0.0
        while True:
            stale = self._stale() if self._is_open else []
            wait = max(0.0, not_before - monotonic()) if stale else None
            item: Optional[Item] = None
            if len(stale) < MOST_READ_AT_ONCE or wait:
                item = yield Take(wait)
            if item is not None:
                self._take(item)
                continue
            try:
                yield from self._read(stale[:MOST_READ_AT_ONCE])
                failures = 0
            except CoatcheckError as error:
                if not error.is_temporary:
                    self._fail(error)
                not_before = monotonic() + pause_before(failures, error.retry_after or 0.0)
                failures += 1

    def end(self) -> None:
        """Ends all who listen."""
        self._end(None)

    def _stale(self) -> List[str]:
        return [id for id, one in self._held.items() if one.is_stale]

    def _take(self, item: Item) -> None:
        if isinstance(item, Join):
            self._join(item.listener)
        elif isinstance(item, Leave):
            one = self._held.get(item.listener.id)
            if one and item.listener in one.listeners:
                one.listeners.remove(item.listener)
                if not one.listeners:
                    del self._held[item.listener.id]
        elif isinstance(item, Refused):
            self._fail(item.error)
        else:
            try:
                self._hear(item)
            except Mismatch:
                # It is none of ours, and so nothing is known of what was told.
                self._read_again()

    def _join(self, listener: Listener) -> None:
        if self._refused is not None:
            listener.end(self._refused)
            return
        one = self._held.setdefault(listener.id, _Held())
        one.listeners.append(listener)
        if one.state is not None and self._is_open and not one.is_stale:
            listener.tell(one.state, one.state)
        else:
            one.is_stale = True

    def _read_again(self) -> None:
        for one in self._held.values():
            one.is_stale = True

    def _hear(self, event: ServerEvent) -> None:
        if event is OPENED:
            self._is_open = False
            return
        if event.data == "":
            return
        told = obj(decode(event.data.encode("utf-8", "replace")))
        id = told.get("id")
        if event.name == "gap" and id is None:
            # The first one of each opening says that from then on everything is told.
            self._is_open = True
            self._read_again()
            return
        if not isinstance(id, str) or id not in self._held:
            return
        one = self._held[id]
        if event.name == "ended":
            self._ended(id, of(str, told.get("reason")))
        elif event.name == "gap":
            one.is_stale = True
        elif event.name == "expiring":
            self._tell(one, Expiring(member("expiresAt", time)(told)))
        elif one.is_stale:
            # The reading to come is later than this.
            return
        elif event.name == "snapshot":
            self._stands(one, _snapshot(told))
        elif event.name == "change":
            self._changes(one, told)

    def _changes(self, one: _Held, told: Mapping[str, Any]) -> None:
        revision, etag = of(int, told.get("revision")), of(str, told.get("etag"))
        state = one.state
        if state is not None and (etag == state.etag or revision <= state.revision):
            return
        if state is None or told.get("previousEtag") != state.etag:
            # It goes on from something else than what is held here.
            one.is_stale = True
            return
        put, removed = obj(told.get("set")), [of(str, key) for key in of(list, told.get("removed"))]
        one.state = Snapshot(changed(state.settings, put, removed), revision, etag)
        origin = told.get("origin")
        self._tell(one, Changed(one.state.settings, put, removed, revision, etag, origin))

    def _tell(self, one: _Held, event: Event) -> None:
        for listener in list(one.listeners):
            listener.tell(event, one.state)

    def _stands(self, one: _Held, state: Snapshot) -> None:
        is_news = one.state is None or one.state != state
        one.state = state
        for listener in list(one.listeners):
            if is_news or not listener.has_begun:
                listener.tell(state, state)

    def _ended(self, id: str, reason: str) -> None:
        one = self._held.pop(id, None)
        if one is not None:
            self._tell(one, Ended(reason))

    def _read(self, ids: List[str]) -> Plan[None]:
        batch = yield from self._batch(ids)
        for id in ids:
            one = self._held.get(id)
            if one is None:
                continue
            if id in batch.gone:
                self._ended(id, batch.gone[id])
            elif id in batch.sessions or id in batch.missing:
                view = batch.sessions.get(id)
                one.is_stale = False
                self._stands(one, Snapshot(view.settings, view.revision, view.etag) if view else MISSING)

    def _fail(self, error: CoatcheckError) -> None:
        self._refused = error
        self._end(error)

    def _end(self, error: Optional[CoatcheckError]) -> None:
        held, self._held = self._held, {}
        for one in held.values():
            for listener in one.listeners:
                listener.end(error)


def _snapshot(told: Mapping[str, Any]) -> Snapshot:
    return Snapshot(obj(told.get("settings")), of(int, told.get("revision")), of(str, told.get("etag")))
