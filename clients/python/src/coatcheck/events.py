"""What happens to a session, as its readers are told."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from typing import Any, Dict, List, Mapping, Optional, Sequence, Union

Values = Dict[str, Any]


@dataclass(frozen=True)
class Snapshot:
    """What there is: at first, and after something may have been missed."""

    settings: Values
    revision: int
    etag: str


@dataclass(frozen=True)
class Changed:
    """A change. ``settings`` is what there is after it; ``origin`` is what the writer calls itself."""

    settings: Values
    set: Values
    removed: List[str]
    revision: int
    etag: str
    origin: Optional[str]


@dataclass(frozen=True)
class Expiring:
    """Nobody has used the session for long; it ends then."""

    expires_at: datetime


@dataclass(frozen=True)
class Renew:
    """The credential ends then; the client gets another one by itself if it knows how."""

    expires_at: datetime


@dataclass(frozen=True)
class Ended:
    """The last event. After ``rotated`` the session goes on under another id: begin no new one in its place.

    ``reason`` is ``deleted``, ``rotated``, ``revoked``, ``idle``, ``lifetime`` or ``lost``.
    """

    reason: str


Event = Union[Snapshot, Changed, Expiring, Renew, Ended]


def changed(settings: Mapping[str, Any], put: Mapping[str, Any], removed: Sequence[str]) -> Values:
    """Settings after a change."""
    gone = frozenset(removed)
    return {**{key: value for key, value in settings.items() if key not in gone}, **put}


def is_echo(event: Event, except_origin: Optional[str]) -> bool:
    """Whether it is a change by the one that is not to be told of."""
    return isinstance(event, Changed) and event.origin is not None and event.origin == except_origin
