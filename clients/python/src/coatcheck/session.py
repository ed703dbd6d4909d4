# Made of async_session.py by make_sync.py: change that one.
"""One session, as its users hold it: a handle that makes calls and keeps nothing."""

from __future__ import annotations

from typing import Any, Generator, Callable, Dict, Mapping, Optional, Sequence, Union, overload

from ._sync_runner import Runner
from ._call import Ways
from ._listen import watch
from ._service import asked
from ._session import Change, SessionPlans, Values
from .events import Event
from .shapes import Clocks, Found, Handoff, SessionView, Token, Written

Keys = Mapping[str, Sequence[str]]


class Session:
    """A session by its id. Every call raises :class:`CoatcheckError` where it was not done.

    ``timeout`` is how long a call may take, its repeats included, in seconds; the client's if it is left out.
    ``touch=False`` looks or writes without using: the idle clock stays where it is. ``if_match`` is an ETag, or ``*`` for
    whatever is there: otherwise the call is refused with ``precondition_failed``.
    """

    def __init__(self, runner: Runner, id: str, ways: Ways) -> None:
        self._runner = runner
        self._plans = SessionPlans(id, ways)

    def __repr__(self) -> str:
        return f"<{type(self).__name__} {self.id}>"

    @property
    def id(self) -> str:
        """The session's UUID, or ``current``."""
        return self._plans.id

    def view(self, *, touch: bool = True, timeout: Optional[float] = None) -> SessionView:
        """The session with its settings and clocks. ``session_not_found`` if nobody has written it."""
        return self._runner.run(self._plans.view(touch, timeout))

    @overload
    def get(self, *, touch: bool = ..., timeout: Optional[float] = ...) -> Values: ...

    @overload
    def get(
        self, key: str, default: Any = ..., *, touch: bool = ..., timeout: Optional[float] = ...
    ) -> Any: ...

    def get(
        self, key: Optional[str] = None, default: Any = None, *, touch: bool = True, timeout: Optional[float] = None
    ) -> Any:
        """All settings, ``{}`` if there are none yet; or the value of one key, ``default`` if it is absent."""
        if key is None:
            return (self.read(touch=touch, timeout=timeout)).settings
        return self._runner.run(self._plans.get(key, default, touch, timeout))

    def read(self, *, touch: bool = True, timeout: Optional[float] = None) -> Found:
        """The settings with their ETag, for a write that says what it replaces."""
        return self._runner.run(self._plans.read(touch, timeout))

    def set(
        self,
        key: str,
        value: Any,
        *,
        if_match: Optional[str] = None,
        if_none_match: Optional[str] = None,
        touch: bool = True,
        timeout: Optional[float] = None,
    ) -> Written:
        """Puts the value of one key; ``None`` is a value. Raises TypeError where JSON cannot hold it."""
        return self._runner.run(self._plans.set(key, value, if_match, if_none_match, touch, timeout))

    def patch(
        self,
        change: Change,
        *,
        if_match: Optional[str] = None,
        if_none_match: Optional[str] = None,
        touch: bool = True,
        timeout: Optional[float] = None,
    ) -> Written:
        """Changes some keys, all or nothing, and leaves the others.

        A mapping is a merge patch (RFC 7396: ``None`` removes, objects are merged at any depth), a list a JSON Patch
        (RFC 6902).
        """
        return self._runner.run(self._plans.patch(change, if_match, if_none_match, touch, timeout))

    def replace(
        self,
        settings: Mapping[str, Any],
        *,
        if_match: Optional[str] = None,
        if_none_match: Optional[str] = None,
        touch: bool = True,
        timeout: Optional[float] = None,
    ) -> Written:
        """Replaces all settings. Must say what it replaces: an ETag, or ``*``."""
        return self._runner.run(self._plans.replace(settings, if_match, if_none_match, touch, timeout))

    def remove(
        self, key: str, *, if_match: Optional[str] = None, touch: bool = True, timeout: Optional[float] = None
    ) -> None:
        """Removes one key; it may be absent already."""
        self._runner.run(self._plans.remove(key, if_match, touch, timeout))

    def take(
        self, key: str, default: Any = None, *, touch: bool = True, timeout: Optional[float] = None
    ) -> Any:
        """Reads a value and removes it in one step: one of any number of callers gets it, the others ``default``."""
        return self._runner.run(self._plans.take(key, default, touch, timeout))

    def increment(
        self, key: str, by: Union[int, float] = 1, *, touch: bool = True, timeout: Optional[float] = None
    ) -> Union[int, float]:
        """Adds to a number, an absent one counts as 0, and gives the sum."""
        return self._runner.run(self._plans.increment(key, by, touch, timeout))

    def update(
        self,
        change: Callable[[Values], Optional[Values]],
        *,
        touch: bool = True,
        timeout: Optional[float] = None,
    ) -> Values:
        """Changes the settings by a function of what they are, and gives them as they were written.

        The function gets a copy that it may change or return anew. It runs again whenever somebody else was faster, until
        it wins or the time is over. Only keys that it changed are written.
        """
        return self._runner.run(self._plans.update(change, touch, timeout))

    def touch(self, *, timeout: Optional[float] = None) -> Clocks:
        """Slides the idle clock; gives the session without its settings."""
        return self._runner.run(self._plans.touch(timeout))

    def rotate(
        self,
        *,
        subject: Optional[str] = None,
        idle_timeout_seconds: Optional[int] = None,
        lifetime_seconds: Optional[int] = None,
        token: Optional[Mapping[str, Any]] = None,
        idempotency_key: Optional[str] = None,
        timeout: Optional[float] = None,
    ) -> SessionView:
        """Moves the session to a new id that nobody knew before, and binds it if a subject is given. API keys only."""
        body = asked(
            subject=subject,
            idle_timeout_seconds=idle_timeout_seconds,
            lifetime_seconds=lifetime_seconds,
            token=token,
        )
        return self._runner.run(self._plans.rotate(body, timeout, idempotency_key))

    def token(
        self,
        *,
        scope: Optional[str] = None,
        keys: Optional[Keys] = None,
        expires_in_seconds: Optional[int] = None,
        audience: Optional[str] = None,
        timeout: Optional[float] = None,
    ) -> Token:
        """Mints a token for this session; with a token that may ``renew``, the same or less."""
        body = asked(scope=scope, keys=keys, expires_in_seconds=expires_in_seconds, audience=audience)
        return self._runner.run(self._plans.token(body, timeout))

    def revoke_tokens(self, *, timeout: Optional[float] = None) -> None:
        """Makes every token and cookie of the session void, from the next call on. API keys only."""
        self._runner.run(self._plans.revoke_tokens(timeout))

    def handoff(
        self,
        *,
        payload: Any = None,
        subject: Optional[str] = None,
        expires_in_seconds: Optional[int] = None,
        timeout: Optional[float] = None,
    ) -> Handoff:
        """Makes a one-time code that carries a login from a socket to the HTTP side. API keys only."""
        body: Dict[str, Any] = asked(payload=payload, subject=subject, expires_in_seconds=expires_in_seconds)
        return self._runner.run(self._plans.handoff(body, timeout))

    def end(self, *, timeout: Optional[float] = None) -> None:
        """Ends the session, for good: it stays ended, also if it had not begun."""
        self._runner.run(self._plans.end(timeout))

    def changes(
        self, *, touch: bool = False, except_origin: Optional[str] = None
    ) -> Generator[Event, None, None]:
        """What happens to the session from now on, beginning with a :class:`Snapshot`; ends after :class:`Ended`.

        It goes on by itself after a break, where it was. Watching is no use of the session unless ``touch`` is true.
        Changes by ``except_origin`` are not told. Raises :class:`CoatcheckError` for a refusal that stays.
        """
        return self._runner.events(watch(self._plans.path, touch, except_origin))
