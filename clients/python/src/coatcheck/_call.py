"""One call to the service: a deadline over all its tries, and repeats of what is safe to repeat."""

from __future__ import annotations

import json
import re
import secrets
from dataclasses import dataclass, field
from datetime import datetime, timezone
from email.utils import parsedate_to_datetime
from itertools import count
from time import monotonic
from typing import Any, Callable, Dict, Generic, Mapping, NoReturn, Optional, TypeVar

from ._plan import Answer, Obtain, Plan, Request, Send, Sleep, Unanswered, pause_before
from .errors import CoatcheckError
from .shapes import Mismatch, Written, time

_T = TypeVar("_T")

#: After a minute the service no longer knows an Idempotency-Key: the last repeat comes before that.
LAST_REPEAT_SECONDS = 50.0
#: So that the last of them is over before, too.
LONGEST_KEYED_SECONDS = 55.0

_TAG = re.compile(r'"([^"]*)"')
_SETTINGS_TAG = re.compile(r'(?:W/)?"(\d+(?:-[\w~-]+)?)"')
_KEY_TAG = re.compile(r'(?:W/)?"([\w~-]+)"')


@dataclass(frozen=True)
class Call(Generic[_T]):
    """A call and what is made of its answer."""

    method: str
    path: str
    #: Makes the result, or raises :class:`Mismatch` where status or shape are not those of this call.
    read: Callable[[Answer], _T]
    #: ``always``: it changes nothing, or says itself what is to be. ``keyed``: an Idempotency-Key says that it is the
    #: same call. ``refused``: only after an answer that says that nothing was done.
    repeat: str
    content: Optional[bytes] = None
    content_type: str = "application/json"
    headers: Mapping[str, str] = field(default_factory=dict)


@dataclass(frozen=True)
class Ways:
    """How a client makes its calls. ``timeout`` is in seconds."""

    timeout: float
    origin: Optional[str] = None


def encode(value: object) -> bytes:
    """JSON text. Raises TypeError, without the value, where JSON cannot hold it."""
    try:
        text = json.dumps(value, allow_nan=False, ensure_ascii=False, separators=(",", ":"))
        return text.encode("utf-8")
    except (TypeError, ValueError, RecursionError):
        raise TypeError("The value is nothing that JSON can hold.") from None


def _no_constant(_name: str) -> NoReturn:
    raise ValueError


def decode(content: bytes) -> Any:
    """What a JSON text says. Raises :class:`Mismatch` where it is none."""
    try:
        return json.loads(content.decode("utf-8"), parse_constant=_no_constant)
    except (ValueError, RecursionError):
        raise Mismatch from None


def tag_in(headers: Mapping[str, str]) -> Optional[str]:
    """The ETag without its quotes, and without the ``W/`` that a proxy may have put before it."""
    found = _TAG.search(headers.get("etag", ""))
    return found[1] if found else None


def must_be(answer: Answer, *documented: int) -> None:
    """Raises where the call has no answer of that status: then something else has answered it."""
    if answer.status not in documented:
        raise Mismatch


def read_json(*statuses: int, shape: Callable[[object], _T]) -> Callable[[Answer], _T]:
    """Reads an answer of one of these statuses, whose JSON has this shape."""

    def read(answer: Answer) -> _T:
        must_be(answer, *statuses)
        return shape(decode(answer.content))

    return read


def read_nothing(answer: Answer) -> None:
    """Done, and nothing to say."""
    must_be(answer, 204)
    if answer.content:
        raise Mismatch


def read_written(is_key: bool) -> Callable[[Answer], Written]:
    """Reads the answer of a write, which has no content, and the new ETag."""

    def read(answer: Answer) -> Written:
        must_be(answer, 201, 204)
        tag = (_KEY_TAG if is_key else _SETTINGS_TAG).fullmatch(answer.headers.get("etag", ""))
        if answer.content or tag is None:
            raise Mismatch
        return Written(tag[1], answer.status == 201)

    return read


def is_ours(answer: Answer, request: Request) -> bool:
    """Whether the service itself has answered. Outside of /v1 there is only what anybody may read."""
    return answer.headers.get("coatcheck-version") == "1" or not request.path.startswith("/v1/")


def _retry_after(headers: Mapping[str, str]) -> Optional[float]:
    text = headers.get("retry-after")
    if text is None:
        return None
    if re.fullmatch(r"[0-9]{1,9}", text):
        return float(text)
    at = _http_date(text)
    return None if at is None else max(0.0, (at - datetime.now(timezone.utc)).total_seconds())


def _http_date(text: str) -> Optional[datetime]:
    try:
        read = parsedate_to_datetime(text)
    except (TypeError, ValueError, IndexError, OverflowError):
        return None
    return read if read.tzinfo else read.replace(tzinfo=timezone.utc)


def refusal(answer: Answer, request: Request) -> CoatcheckError:
    """What the service said when it refused, or that it was not the service."""
    facts: Dict[str, Any] = {
        "status": answer.status,
        "etag": tag_in(answer.headers),
        "retry_after": _retry_after(answer.headers),
    }
    if answer.status >= 400 and is_ours(answer, request):
        try:
            problem = decode(answer.content)
        except Mismatch:
            problem = None
        told = problem if isinstance(problem, dict) else {}
        code, detail = told.get("code"), told.get("detail")
        if isinstance(code, str) and isinstance(detail, str) and told.get("status", answer.status) == answer.status:
            return CoatcheckError(code, detail, **facts, **_members(told, answer.headers))
    if 300 <= answer.status < 400:
        detail = "The answer was a redirect, which is not followed: use the URL that it leads to."
    else:
        detail = f"What answered {answer.status} is not Coatcheck: is the URL right, and does the service run?"
    # Perhaps a proxy in between: its 502, 503 and 504 are an outage like any other.
    return CoatcheckError("unreachable", detail, **facts)


def _members(told: Dict[str, Any], headers: Mapping[str, str]) -> Dict[str, Any]:
    def text(name: str) -> Optional[str]:
        value = told.get(name)
        return value if isinstance(value, str) else None

    limit, errors = told.get("limit"), told.get("errors")
    try:
        ended_at: Optional[datetime] = time(told.get("endedAt"))
    except Mismatch:
        ended_at = None
    now = _http_date(headers.get("date", "")) or datetime.now(timezone.utc)
    return {
        "type": text("type"),
        "title": text("title"),
        "reason": text("reason"),
        "request_id": text("requestId"),
        "limit": limit if isinstance(limit, int) else None,
        "errors": [one for one in errors if isinstance(one, dict)] if isinstance(errors, list) else [],
        "ended_at": ended_at,
        "ended_seconds_ago": ended_at and max(0.0, (now - ended_at).total_seconds()),
    }


def with_credential(request: Request, credential: Optional[str]) -> Request:
    """The request as it is sent."""
    if credential is None:
        return request
    headers = {**request.headers, "authorization": f"Bearer {credential}"}
    return Request(request.method, request.path, headers, request.content)


def exchange(request: Request, until: float) -> Plan[Answer]:
    """One request, and once more with another credential where the service refuses the first.

    Gives an answer of 2xx of the service itself; raises :class:`CoatcheckError` for any other.
    """
    credential = yield Obtain(until)
    for is_first in (True, False):
        try:
            answer = yield Send(with_credential(request, credential), until)
        except Unanswered as error:
            if error.is_late:
                raise
            detail = "The service does not answer, or its answer broke off. Does it run?"
            raise CoatcheckError("unreachable", detail) from error.__cause__
        if 200 <= answer.status < 300 and is_ours(answer, request):
            return answer  # type: ignore[no-any-return]
        refused = refusal(answer, request)
        if refused.code != "invalid_credential" or credential is None or not is_first:
            raise refused
        credential = yield Obtain(until, credential)
        if credential is None:
            raise refused
    raise AssertionError


def perform(call: Call[_T], ways: Ways, timeout: Optional[float] = None, key: Optional[str] = None) -> Plan[_T]:
    """Makes a call, repeats included, within ``timeout`` seconds; a write takes 55 at most.

    ``key`` is the Idempotency-Key; one is drawn if it is left out.
    """
    seconds = ways.timeout if timeout is None else timeout
    headers = {"accept": "application/json", **call.headers}
    if call.content is not None:
        headers["content-type"] = call.content_type
    if call.repeat == "keyed":
        seconds = min(seconds, LONGEST_KEYED_SECONDS)
        headers["idempotency-key"] = key or secrets.token_hex(16)
        if ways.origin is not None:
            headers["coatcheck-origin"] = ways.origin
    request = Request(call.method, call.path, headers, call.content)
    began = monotonic()
    until, repeats_until = began + seconds, began + min(seconds, LAST_REPEAT_SECONDS)
    late = f"There was no answer within {seconds:g} s. Whether a write was done is not known."
    for attempt in count():
        try:
            answer = yield from exchange(request, until)
            try:
                return call.read(answer)
            except Mismatch:
                raise CoatcheckError("unreachable", "The answer broke off, or is none of this call.") from None
        except Unanswered:
            raise CoatcheckError("deadline_exceeded", late) from None
        except CoatcheckError as error:
            is_outage = error.status == 503 or error.code == "unreachable"
            may_repeat = error.status == 429 or (call.repeat != "refused" and is_outage)
            wait = pause_before(attempt, error.retry_after or 0.0)
            if not may_repeat or monotonic() + wait >= repeats_until:
                raise
            pause = wait
        yield Sleep(pause)
    raise AssertionError
