"""What the service answers, as Python holds it. Names are the API's, in snake case; durations are seconds."""

from __future__ import annotations

import re
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Callable, Dict, List, Mapping, Optional, Tuple, Type, TypeVar, Union, cast

_T = TypeVar("_T")
_UUID = re.compile(r"[0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12}")


class Mismatch(Exception):
    """What was answered has not the shape that this call is answered with."""


def is_uuid(text: object) -> bool:
    """Whether it is a session's id in the form in which the service writes it."""
    return isinstance(text, str) and _UUID.fullmatch(text) is not None


def of(kind: Union[Type[_T], Tuple[Type[_T], ...]], value: object) -> _T:
    """The value, if it is of this type. A bool is no number."""
    given: Any = value
    if not isinstance(value, kind) or (isinstance(value, bool) and kind is not bool):
        raise Mismatch
    return cast(_T, given)


def obj(value: object) -> Dict[str, Any]:
    """The value, if it is a JSON object."""
    return cast(Dict[str, Any], of(dict, value))


def time(value: object) -> datetime:
    """An RFC 3339 time, with its zone."""
    text = of(str, value)
    try:
        read = datetime.fromisoformat(text[:-1] + "+00:00" if text.endswith("Z") else text)
    except ValueError:
        raise Mismatch from None
    if read.tzinfo is None:
        raise Mismatch
    return read


@dataclass(frozen=True)
class Token:
    """A session token. ``expires_in`` is in seconds."""

    access_token: str
    token_type: str
    expires_in: int
    scope: str

    @classmethod
    def from_json(cls, value: object) -> Token:
        """Reads what minting answers."""
        told = obj(value)
        text = [of(str, told.get(name)) for name in ("access_token", "token_type", "scope")]
        return cls(text[0], text[1], of(int, told.get("expires_in")), text[2])

    def __repr__(self) -> str:
        return f"Token(expires_in={self.expires_in}, scope={self.scope!r})"


@dataclass(frozen=True)
class Clocks:
    """A session without its settings."""

    id: str
    #: Of the settings; ``0`` while they are unwritten.
    etag: str
    revision: int
    #: The user that the session is bound to. A session token does not see it.
    subject: Optional[str]
    created_at: datetime
    last_seen_at: datetime
    idle_timeout_seconds: int
    lifetime_seconds: int
    #: When the session ends if nobody uses it from now on.
    expires_at: datetime

    @classmethod
    def from_json(cls, value: object, asked: str = "current") -> Clocks:
        """Reads what ``touch`` answers of the session that was asked for, and of no other."""
        return cls(**_clocks(obj(value), asked))


@dataclass(frozen=True)
class SessionView(Clocks):
    """A session with its settings. ``token`` is the one that was asked for with it."""

    settings: Dict[str, Any]
    token: Optional[Token] = None

    @classmethod
    def from_json(cls, value: object, asked: str = "current") -> SessionView:
        """Reads a session, the one that was asked for and no other; ``current`` is any."""
        told = obj(value)
        token = told.get("token")
        return cls(
            settings=obj(told.get("settings")),
            token=None if token is None else Token.from_json(token),
            **_clocks(told, asked),
        )


def _clocks(told: Dict[str, Any], asked: str) -> Dict[str, Any]:
    id, subject = told.get("id"), told.get("subject")
    revision = of(int, told.get("revision"))
    if not is_uuid(id) or asked not in ("current", id) or revision < 0:
        raise Mismatch
    return {
        "id": id,
        "etag": of(str, told.get("etag")),
        "revision": revision,
        "subject": None if subject is None else of(str, subject),
        "created_at": time(told.get("createdAt")),
        "last_seen_at": time(told.get("lastSeenAt")),
        "idle_timeout_seconds": of(int, told.get("idleTimeoutSeconds")),
        "lifetime_seconds": of(int, told.get("lifetimeSeconds")),
        "expires_at": time(told.get("expiresAt")),
    }


@dataclass(frozen=True)
class Found:
    """The settings and their ETag, for a write that says what it replaces."""

    settings: Dict[str, Any]
    etag: str


@dataclass(frozen=True)
class Written:
    """The new ETag of what was written, and whether the write began it.

    For a key with other characters than letters, digits and ``-._~:@`` both are of the settings as a whole.
    """

    etag: str
    created: bool


@dataclass(frozen=True)
class Handoff:
    """A one-time code that carries a login from a socket to the HTTP side."""

    code: str
    expires_at: datetime

    @classmethod
    def from_json(cls, value: object) -> Handoff:
        """Reads what making a hand-off answers."""
        told = obj(value)
        return cls(of(str, told.get("code")), time(told.get("expiresAt")))

    def __repr__(self) -> str:
        return f"Handoff(expires_at={self.expires_at!r})"


@dataclass(frozen=True)
class Redeemed:
    """What a code was worth. With a subject in the code the session has moved to the id in ``session``."""

    payload: Any
    session: SessionView
    token: Optional[Token]

    @classmethod
    def from_json(cls, value: object) -> Redeemed:
        """Reads what redeeming answers."""
        told = obj(value)
        if "payload" not in told:
            raise Mismatch
        token = told.get("token")
        session = SessionView.from_json(told.get("session"))
        return cls(told["payload"], session, None if token is None else Token.from_json(token))


@dataclass(frozen=True)
class Batch:
    """Many sessions: those that live, the ids of those that were never made or have run out, and why others are gone."""

    sessions: Mapping[str, SessionView]
    missing: List[str]
    gone: Mapping[str, str]

    @classmethod
    def from_json(cls, value: object) -> Batch:
        """Reads what ``POST /v1/sessions/batch`` answers."""
        told = obj(value)
        sessions = {id: SessionView.from_json(one, id) for id, one in obj(told.get("sessions")).items()}
        missing = [_id(one) for one in of(list, told.get("missing"))]
        ended = [obj(one) for one in of(list, told.get("gone"))]
        gone = {_id(one.get("id")): of(str, one.get("reason")) for one in ended}
        return cls(sessions, missing, gone)


def _id(value: object) -> str:
    if not is_uuid(value):
        raise Mismatch
    return cast(str, value)


@dataclass(frozen=True)
class Page:
    """A part of a list of sessions; ``next`` is where the next part begins."""

    sessions: List[SessionView]
    next: Optional[str]

    @classmethod
    def from_json(cls, value: object) -> Page:
        """Reads a listing."""
        told = obj(value)
        following = told.get("next")
        sessions = [SessionView.from_json(one) for one in of(list, told.get("sessions"))]
        return cls(sessions, None if following is None else of(str, following))


def member(name: str, kind: Callable[[object], _T]) -> Callable[[object], _T]:
    """Reads one member of an object."""

    def read(value: object) -> _T:
        told = obj(value)
        if name not in told:
            raise Mismatch
        return kind(told[name])

    return read
