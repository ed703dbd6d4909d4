"""The credential of a client: an API key, or a session token that is asked for, kept, renewed at half its time, and asked
for again when the service refuses it."""

from __future__ import annotations

import base64
import json
import re
from dataclasses import dataclass
from time import monotonic
from typing import Any, Awaitable, Callable, Optional, Union

from ._call import Call, Ways, perform, read_json
from ._plan import Ask, Effect, Obtain, Plan, Unanswered
from .errors import CoatcheckError
from .shapes import Token

#: An API key or a session token.
Given = Union[str, Token]
#: Or a function that gets one, called when there is none yet, and when the last one was refused or is about to end.
Credential = Union[Given, Callable[[], Given]]
AsyncCredential = Union[Given, Callable[[], Union[Given, Awaitable[Given]]]]

_JWT = re.compile(r"[\w-]+\.([\w-]+)\.[\w-]+")
#: A renewal that has failed is not tried again at once. In seconds.
_LEAST_BETWEEN = 0.5


@dataclass(frozen=True)
class _Held:
    text: str
    #: When it is to be renewed, by ``time.monotonic``; None for an API key.
    half: Optional[float]


def _life_of(text: str) -> Optional[float]:
    claims = _JWT.fullmatch(text)
    if claims is None:
        return None
    try:
        told = json.loads(base64.urlsafe_b64decode(claims[1] + "=" * (-len(claims[1]) % 4)))
        return float(told["exp"] - told["iat"])
    except (ValueError, KeyError, TypeError):
        return None


def _held(given: Any) -> _Held:
    text = given.access_token if isinstance(given, Token) else given
    if not isinstance(text, str) or re.fullmatch(r"[\x21-\x7e]+", text.strip()) is None:
        # Without a word of it.
        raise ValueError("The credential is no API key and no token: there is a space, a line break or the like in it.")
    life = float(given.expires_in) if isinstance(given, Token) else _life_of(text.strip())
    return _Held(text.strip(), None if life is None else monotonic() + life / 2)


class Source:
    """Where the credential comes from. Whoever runs its plans runs one at a time."""

    def __init__(self, given: Any, renew: bool, ways: Ways) -> None:
        self._ask: Optional[Callable[[], Any]] = given if callable(given) else None
        self._held = None if given is None or callable(given) else _held(given)
        self._is_none = given is None
        self._renew = renew
        self._ways = ways

    def ready(self, refused: Optional[str]) -> Optional[str]:
        """The credential, if there is one to be had without a plan."""
        held = self._held
        if held is None or held.text == refused or self._is_old(held):
            return None
        return held.text

    def obtain(self, refused: Optional[str]) -> Plan[Optional[str]]:
        """Another one than the one that was refused, if that is said; None if there is no other."""
        held = self._held
        if self._is_none:
            return None
        if held is not None and held.text != refused:
            if self._is_old(held):
                yield from self._renewed(held)
            return self._held.text if self._held else None
        if held is not None and (self._renew and held.half is not None):
            yield from self._renewed(held)
            if self._held is not None and self._held.text != refused:
                return self._held.text
        if self._ask is None:
            return None
        given = yield Ask(self._ask)
        self._held = _held(given)
        return None if self._held.text == refused else self._held.text

    def _is_old(self, held: _Held) -> bool:
        return self._renew and held.half is not None and monotonic() > held.half

    def _renewed(self, held: _Held) -> Plan[None]:
        """By the token that is to be renewed; where that fails it stays."""
        call = Call("POST", "/v1/sessions/current/tokens", read_json(201, shape=Token.from_json), "always", b"{}")
        plan = perform(call, self._ways)
        given: Any = None
        thrown: Optional[BaseException] = None
        try:
            while True:
                effect: Effect = plan.send(given) if thrown is None else plan.throw(thrown)
                given, thrown = None, None
                if isinstance(effect, Obtain):
                    given = held.text if effect.refused is None else None
                    continue
                try:
                    given = yield effect
                except Exception as error:
                    thrown = error
        except StopIteration as stop:
            self._held = _held(stop.value)
        except (CoatcheckError, Unanswered):
            again = monotonic() + _LEAST_BETWEEN
            self._held = _Held(held.text, max(held.half or 0.0, again))
