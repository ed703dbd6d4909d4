"""A stream of server-sent events that stays: when it breaks, falls silent or is ended it is opened again."""

from __future__ import annotations

import codecs
import random
import re
from dataclasses import dataclass
from time import monotonic
from typing import Any, Callable, Generator, List, Optional

from ._call import decode, is_ours, refusal, with_credential
from ._plan import Close, Effect, Obtain, Open, Piece, Plan, Request, Sleep, Tell, Unanswered, pause_before
from .errors import CoatcheckError
from .events import Changed, Ended, Expiring, Renew, Snapshot, Values, changed, is_echo
from .shapes import Mismatch, member, obj, of, time

#: The service sends a comment every 15 s: a line that is silent for longer than two of them is dead. In seconds.
SILENT = 40.0
ANSWER = 10.0
RETRY = 1.0
#: An event longer than this, in characters, is none of Coatcheck's: it would fill the memory.
LONGEST_EVENT = 8 * 2**20

_LINE = re.compile(r"([^\r\n]*)(\r\n|\r(?!\Z)|\n)")


@dataclass(frozen=True)
class ServerEvent:
    """``id`` is the last one that was given; ``name`` is empty if there was an id and nothing else."""

    name: str
    data: str
    id: str


#: The stream has been opened, again perhaps.
OPENED = ServerEvent("opened", "", "")


class EventReader:
    """Reads events by the rules of WHATWG HTML §9.2.6, whatever pieces they come in."""

    def __init__(self) -> None:
        #: How long to wait before connecting again, in seconds.
        self.retry = RETRY
        self._text = codecs.getincrementaldecoder("utf-8")("replace")
        self._rest = ""
        self._name = ""
        self._data: List[str] = []
        self._length = 0
        self._id = ""
        self._is_new_id = False

    def take(self, piece: bytes) -> List[ServerEvent]:
        """The events that end in this piece. Raises :class:`Mismatch` where one does not come to its end."""
        events: List[ServerEvent] = []
        text = self._rest + self._text.decode(piece)
        end = 0
        for line in iter(lambda: _LINE.match(text, end), None):
            end = line.end()
            self._length += len(line[1])
            if line[1]:
                self._line(line[1])
            else:
                self._dispatch(events)
        self._rest = text[end:]
        if self._length + len(self._rest) > LONGEST_EVENT:
            raise Mismatch
        return events

    def _dispatch(self, events: List[ServerEvent]) -> None:
        if self._data:
            events.append(ServerEvent(self._name or "message", "\n".join(self._data), self._id))
        elif self._is_new_id:
            events.append(ServerEvent("", "", self._id))
        self._name, self._data, self._length, self._is_new_id = "", [], 0, False

    def _line(self, line: str) -> None:
        name, _, value = line.partition(":")
        value = value[1:] if value.startswith(" ") else value
        if name == "data":
            self._data.append(value)
        elif name == "event":
            self._name = value
        elif name == "id" and "\0" not in value:
            self._id, self._is_new_id = value, True
        elif name == "retry" and re.fullmatch(r"[0-9]{1,9}", value):
            self.retry = int(value) / 1000


def listen(path: str, last_event_id: Callable[[], Optional[str]] = lambda: None) -> Generator[Effect, Any, None]:
    """Tells each event, and :data:`OPENED` at each opening.

    Raises :class:`CoatcheckError` where a refusal stays: 401 after another credential was tried, 403, 404, 410.
    """
    retry, failures = RETRY, 0
    while True:
        at_least = 0.0
        reader = EventReader()
        reader.retry = retry
        try:
            bearer = yield from _open(path, last_event_id())
            yield Tell(OPENED)
            while True:
                piece = yield Piece(SILENT)
                if piece is None:
                    break
                for event in reader.take(piece):
                    failures = 0
                    if event.name == "unauthorized":
                        if (yield Obtain(monotonic() + ANSWER, bearer)) is None:
                            raise _unauthorized()
                        continue
                    if event.name == "renew":
                        yield from _renewed(bearer)
                    yield Tell(event)
        except CoatcheckError as error:
            if not error.is_temporary:
                raise
            at_least = error.retry_after or 0.0
        except (Unanswered, Mismatch):
            pass
        # Where this plan ends in another way, whoever runs it closes the stream.
        yield Close()
        retry = reader.retry
        wait = max(retry, at_least) * (1 + random.random() / 2)
        yield Sleep(max(wait, pause_before(failures)))
        failures += 1


def _renewed(bearer: Optional[str]) -> Plan[None]:
    """The next credential is asked for while this one is still good."""
    try:
        yield Obtain(monotonic() + ANSWER, bearer)
    except (CoatcheckError, Unanswered):
        pass


def _unauthorized() -> CoatcheckError:
    detail = "The credential of the stream has ended. Give the client a function that gets another one."
    return CoatcheckError("invalid_credential", detail, status=401)


def _open(path: str, last: Optional[str]) -> Plan[Optional[str]]:
    """Opens the stream and gives the credential that it was opened with."""
    headers = {"accept": "text/event-stream", **({} if last is None else {"last-event-id": last})}
    request = Request("GET", path, headers)
    until = monotonic() + ANSWER
    bearer = yield Obtain(until)
    answer = yield Open(with_credential(request, bearer), until)
    if answer.status == 401 and bearer is not None and is_ours(answer, request):
        refused = refusal(answer, request)
        other = (yield Obtain(until, bearer)) if refused.code == "invalid_credential" else None
        if other is None:
            raise refused
        yield Close()
        bearer = other
        answer = yield Open(with_credential(request, bearer), until)
    if answer.status != 200 or not is_ours(answer, request):
        raise refusal(answer, request)
    if not answer.headers.get("content-type", "").startswith("text/event-stream"):
        raise CoatcheckError("unreachable", "What was answered is no stream of events.")
    return bearer  # type: ignore[no-any-return]


def watch(path: str, touch: bool, except_origin: Optional[str]) -> Generator[Effect, Any, None]:
    """Tells what happens to one session; returns after its end."""
    etag: Optional[str] = None
    settings: Values = {}
    stream = listen(f"{path}/events{'?touch=true' if touch else ''}", lambda: etag)
    given: Any = None
    thrown: Optional[BaseException] = None
    while True:
        try:
            effect = stream.send(given) if thrown is None else stream.throw(thrown)
        except CoatcheckError as error:
            if error.code != "session_gone":
                raise
            yield Tell(Ended(error.reason or "deleted"))
            return
        given, thrown = None, None
        if not isinstance(effect, Tell):
            try:
                given = yield effect
            except Exception as error:
                thrown = error
            continue
        heard: ServerEvent = effect.event
        if heard.id:
            etag = heard.id
        try:
            event = _event_of(heard, settings, etag or "0")
        except Mismatch:
            etag, thrown = None, Unanswered()
            continue
        if isinstance(event, (Snapshot, Changed)):
            settings = event.settings
        # The service could keep an echo back as well, but what it has set belongs to the settings of the events after it.
        if event is None or is_echo(event, except_origin):
            continue
        yield Tell(event)
        if isinstance(event, Ended):
            stream.close()
            return


def _event_of(heard: ServerEvent, settings: Values, etag: str) -> Any:
    if heard.data == "" or heard.name not in ("snapshot", "change", "expiring", "renew", "ended"):
        return None
    told = obj(decode(heard.data.encode("utf-8", "replace")))
    if heard.name == "snapshot":
        return Snapshot(obj(told.get("settings")), of(int, told.get("revision")), etag)
    if heard.name == "change":
        put, removed = obj(told.get("set")), [of(str, key) for key in of(list, told.get("removed"))]
        now = changed(settings, put, removed)
        return Changed(now, put, removed, of(int, told.get("revision")), etag, told.get("origin"))
    if heard.name == "ended":
        return Ended(of(str, told.get("reason")))
    at = member("expiresAt", time)(told)
    return Expiring(at) if heard.name == "expiring" else Renew(at)
