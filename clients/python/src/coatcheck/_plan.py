"""The logic of calls, without a line of input or output.

A *plan* is a generator: it yields what is to be done (:class:`Send`, :class:`Sleep`, :class:`Obtain` and so on), is
sent what came of it, and returns the call's result. :mod:`coatcheck.sync` and :mod:`coatcheck.aio` do what plans ask
for, and decide nothing. So both behave the same.
"""

from __future__ import annotations

import random
from dataclasses import dataclass, field
from typing import Any, Callable, Dict, Generator, Mapping, Optional, TypeVar, Union

_T = TypeVar("_T")

FIRST_PAUSE = 0.1
LONGEST_PAUSE = 5.0


@dataclass(frozen=True)
class Request:
    """What is sent. ``path`` is below the service's URL, with its query."""

    method: str
    path: str
    headers: Mapping[str, str] = field(default_factory=dict)
    content: Optional[bytes] = None


@dataclass(frozen=True)
class Answer:
    """What was answered. Names of headers are in lower case."""

    status: int
    headers: Mapping[str, str]
    content: bytes = b""


class Unanswered(Exception):
    """Thrown into a plan: no whole answer came. ``is_late`` says that the time was over."""

    def __init__(self, is_late: bool = False) -> None:
        super().__init__()
        self.is_late = is_late


@dataclass(frozen=True)
class Send:
    """Send a request, and give back the :class:`Answer`, until this time of ``time.monotonic``."""

    request: Request
    until: float


@dataclass(frozen=True)
class Sleep:
    """Wait for so many seconds."""

    seconds: float


@dataclass(frozen=True)
class Obtain:
    """Give back the credential to use, another one than ``refused`` if that is said; None if there is no other."""

    until: float
    refused: Optional[str] = None


@dataclass(frozen=True)
class Ask:
    """Call a function of the app's, await what it gives if that is awaitable, and give back what comes of it."""

    function: Callable[[], Any]


@dataclass(frozen=True)
class Open:
    """Open a stream and give back an :class:`Answer` without its content, until this time."""

    request: Request
    until: float


@dataclass(frozen=True)
class Piece:
    """Give back the next piece of the open stream, None at its end; :class:`Unanswered` after so many silent seconds."""

    seconds: float


@dataclass(frozen=True)
class Close:
    """Close the open stream, if there is one."""


@dataclass(frozen=True)
class Tell:
    """Hand an event to whoever listens."""

    event: Any


@dataclass(frozen=True)
class Take:
    """Give back the next item of the inbox; None if there is none for so many seconds. None waits for ever."""

    seconds: Optional[float]


Effect = Union[Send, Sleep, Obtain, Ask, Open, Piece, Close, Tell, Take]
Plan = Generator[Effect, Any, _T]


def pause_before(attempt: int, at_least: float = 0.0) -> float:
    """How long to wait before the repeat of this number (from 0), in seconds.

    At least what the service asked for, otherwise twice as long each time, and never two clients at the same moment.
    """
    if at_least > 0:
        return at_least + random.random() * FIRST_PAUSE
    ceiling: float = min(LONGEST_PAUSE, FIRST_PAUSE * 2 ** min(attempt, 20))
    return ceiling * (0.5 + random.random() / 2)


def lower(headers: Mapping[str, str]) -> Dict[str, str]:
    """Headers by their names in lower case."""
    return {name.lower(): value for name, value in headers.items()}
