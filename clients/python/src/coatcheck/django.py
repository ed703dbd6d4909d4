"""The session of Django, kept in Coatcheck::

    SESSION_ENGINE = "coatcheck.django"
    COATCHECK = {"URL": "http://127.0.0.1:3000", "API_KEY": os.environ["COATCHECK_API_KEY"]}

- Only the keys that a request changed are written, so requests that overlap lose nothing of each other's.
- A session that was ended is not brought back by a request that was late: Django answers that one with 400.
- ``login()`` binds the session to the user, and ``cycle_key()`` moves it to an id that nobody knew before.
- The cookie holds the session's id, signed with ``SECRET_KEY``.
- While the service is away a request fails, and nobody is logged out. With :class:`SessionMiddleware` in place of Django's
  own it fails with 503.

Values are JSON, whatever ``SESSION_SERIALIZER`` says. The service keeps 64 KiB and 256 keys a session by default.
"""

from __future__ import annotations

import asyncio
import os
import threading
from datetime import datetime
from typing import Any, Callable, Dict, List, Mapping, Optional, Tuple
from weakref import WeakKeyDictionary

from django.conf import settings
from django.contrib.sessions.backends.base import SessionBase, UpdateError
from django.contrib.sessions.middleware import SessionMiddleware as DjangoMiddleware
from django.core.exceptions import ImproperlyConfigured
from django.http import HttpResponse
from django.utils.dateparse import parse_datetime
from django.utils.module_loading import import_string

from ._cookie import read, sign
from ._kept import Kept, is_moving
from ._pages import away, one_moment
from .async_client import AsyncClient
from .async_feed import AsyncFeed
from .async_session import AsyncSession
from .client import Client
from .errors import CoatcheckError
from .session import Session

#: A request does not wait longer for the service, in seconds.
TIMEOUT = 3.0
_USER = "_auth_user_id"
_EXPIRY = "_session_expiry"
_OPTIONS = ("URL", "API_KEY", "TIMEOUT", "CA_FILE", "SUBJECT")

_lock = threading.Lock()
_clients: Dict[Tuple[Any, ...], Client] = {}
_async_clients: "WeakKeyDictionary[asyncio.AbstractEventLoop, Tuple[AsyncClient, AsyncFeed]]" = WeakKeyDictionary()


def _configured() -> Dict[str, Any]:
    given = dict(getattr(settings, "COATCHECK", {}))
    unknown = [name for name in given if name not in _OPTIONS]
    if unknown or not given.get("API_KEY"):
        wrong = f"It does not know {', '.join(unknown)}." if unknown else "It has no API_KEY."
        raise ImproperlyConfigured(f"The setting COATCHECK is a dict with {', '.join(_OPTIONS)}. {wrong}")
    url = given.get("URL") or "http://127.0.0.1:3000"
    return {
        "url": url,
        "credential": given["API_KEY"],
        "timeout": given.get("TIMEOUT", TIMEOUT),
        "verify": given.get("CA_FILE"),
    }


def client() -> Client:
    """The client of this process, for what is no session of a request."""
    options = _configured()
    names = tuple(options.items())
    with _lock:
        if names not in _clients:
            _clients[names] = Client(**options)
        return _clients[names]


def _async_parts() -> Tuple[AsyncClient, AsyncFeed]:
    loop = asyncio.get_running_loop()
    if loop not in _async_clients:
        made = AsyncClient(**_configured())
        _async_clients[loop] = (made, made.feed())
    return _async_clients[loop]


def async_client() -> AsyncClient:
    """The client of the running event loop, for consumers and async views."""
    return _async_parts()[0]


def feed() -> AsyncFeed:
    """The one stream by which this event loop hears of changes: ``feed().changes(id)``."""
    return _async_parts()[1]


def _secrets() -> List[str]:
    return [settings.SECRET_KEY, *getattr(settings, "SECRET_KEY_FALLBACKS", [])]


def session_id(scope: Mapping[str, Any]) -> Optional[str]:
    """The id of the visitor's session at the service, from the cookie of an ASGI scope; None for somebody new.

    That is what a WebSocket consumer begins with, of Channels or of plain ASGI.
    """
    from django.http import parse_cookie

    lines = [value.decode("latin-1") for name, value in scope.get("headers", []) if name == b"cookie"]
    return read(parse_cookie("; ".join(lines)).get(settings.SESSION_COOKIE_NAME), _secrets())


def visitor(scope: Mapping[str, Any]) -> Optional[AsyncSession]:
    """The visitor's session at the service, for a WebSocket consumer; None for somebody new."""
    id = session_id(scope)
    return None if id is None else async_client().session(id)


def subject_of(data: Mapping[str, Any]) -> Optional[str]:
    """Whom a session is bound to: the user's primary key, or what the function says that ``SUBJECT`` names."""
    named = getattr(settings, "COATCHECK", {}).get("SUBJECT")
    if named is not None:
        given = (import_string(named) if isinstance(named, str) else named)(data)
    else:
        given = data.get(_USER)
    return None if given is None else str(given)


def log_out_everywhere(user: Any, *, except_session: Optional["SessionStore"] = None) -> int:
    """Ends every session of a user, save one if it is given; answers how many."""
    subject = subject_of({_USER: user._meta.pk.value_to_string(user)})
    if subject is None:
        return 0
    return client().end_subject(subject, except_id=except_session.id if except_session else None)


class SessionStore(SessionBase):  # type: ignore[misc]
    """A session of Django. ``session_key`` is what the cookie holds, :attr:`id` the session's id at the service."""

    def __init__(self, session_key: Optional[str] = None) -> None:
        super().__init__(session_key)
        self._kept = Kept()
        self._is_moving = False

    @property
    def id(self) -> Optional[str]:
        """The session's id at the service, by which other processes find it; None while there is none."""
        return read(self.session_key, _secrets())

    @property
    def is_moving(self) -> bool:
        """Whether a login in another tab has just moved the session."""
        return self._is_moving

    def _handle(self) -> Optional[Session]:
        return None if self.id is None else client().session(self.id)

    def load(self) -> Dict[str, Any]:
        """The session's data; of one that has ended or was never there, none."""
        handle = self._handle()
        if handle is not None:
            try:
                view = handle.view()
                self._kept.hold(view)
                return _shown(view.settings)
            except CoatcheckError as error:
                self._kept = Kept()
                if is_moving(error):
                    # The cookie of that login is on its way. What is written now must not write over it.
                    self._is_moving = True
                    return {}
                if error.code not in ("session_gone", "session_not_found"):
                    raise
        self._hold(None)
        return {}

    def exists(self, session_key: Optional[str]) -> bool:
        """Whether there is a session of this key."""
        id = read(session_key, _secrets())
        if id is None:
            return False
        try:
            client().session(id).view(touch=False)
            return True
        except CoatcheckError as error:
            if error.code in ("session_gone", "session_not_found"):
                return False
            raise

    def create(self) -> None:
        """Begins a session with the data that there are, under a new key."""
        data = self._get_session(no_load=True)
        self._begin(data, _stored(data))
        self.modified = True

    def save(self, must_create: bool = False) -> None:
        """Writes what the request has changed. Raises UpdateError where the session has ended meanwhile."""
        data = self._get_session(no_load=must_create)
        if self._is_moving:
            raise UpdateError
        if self.get_expiry_age() <= 0:
            return self.delete()
        if self.id is None or must_create:
            return self._begin(data, _stored(data))
        kept = self._kept
        change = kept.change(_stored(data))
        subject = subject_of(data)
        try:
            if subject != kept.subject and subject is not None or _EXPIRY in (*change.set, *change.removed):
                self._move(subject)
                change = kept.change(_stored(data))
            if change:
                self._write(data)
        except CoatcheckError as error:
            if error.code in ("session_gone", "session_not_found", "precondition_failed"):
                raise UpdateError from error
            raise

    def delete(self, session_key: Optional[str] = None) -> None:
        """Ends a session, this one if no other is named; for good."""
        id = read(self.session_key if session_key is None else session_key, _secrets())
        if id is None:
            return
        try:
            client().session(id).end()
        except CoatcheckError as error:
            if error.code != "session_gone":
                raise

    def cycle_key(self) -> None:
        """Moves the data to a new key, which nobody can know who knew the old one."""
        data = self._session
        handle = self._handle()
        if handle is None or self._is_moving:
            self._is_moving = False
            return self.create()
        try:
            self._move(None)
        except CoatcheckError as error:
            if error.code != "session_gone":
                raise
            # What the session was is over; what this request has put there goes on.
            fresh = self._kept.change(_stored(data)).set
            for key in [key for key in data if key not in fresh]:
                del data[key]
            self.create()
        self.modified = True

    async def acycle_key(self) -> None:
        """The same, for async views of Django 5.1 and later."""
        from asgiref.sync import sync_to_async

        await sync_to_async(self.cycle_key)()

    @classmethod
    def clear_expired(cls) -> None:
        """Nothing is to be done: the service ends sessions by itself."""

    def _hold(self, id: Optional[str]) -> None:
        self._session_key = None if id is None else sign(id, settings.SECRET_KEY)

    def _begin(self, data: Dict[str, Any], stored: Dict[str, Any]) -> None:
        age = max(1, int(self.get_expiry_age()))
        view = client().create(settings=stored, subject=subject_of(data), idle_timeout_seconds=age)
        self._kept = Kept(view)
        self._hold(view.id)

    def _move(self, subject: Optional[str]) -> None:
        handle = self._handle()
        assert handle is not None
        age = max(1, int(self.get_expiry_age()))
        view = handle.rotate(subject=subject, idle_timeout_seconds=age)
        now = _stored(self._session)
        self._kept.adopt(view, now)
        self._session.clear()
        self._session.update(_shown(now))
        self._hold(view.id)

    def _write(self, data: Dict[str, Any]) -> None:
        handle = self._handle()
        assert handle is not None
        stored = _stored(data)
        handle.patch(self._kept.operations(stored), if_match="*" if self._kept.is_written else None)
        self._kept.wrote(stored)


def _stored(data: Mapping[str, Any]) -> Dict[str, Any]:
    at = data.get(_EXPIRY)
    return {**data, **({_EXPIRY: at.isoformat()} if isinstance(at, datetime) else {})}


def _shown(stored: Mapping[str, Any]) -> Dict[str, Any]:
    at = stored.get(_EXPIRY)
    return {**stored, **({_EXPIRY: parse_datetime(at)} if isinstance(at, str) else {})}


class SessionMiddleware(DjangoMiddleware):  # type: ignore[misc]
    """In place of Django's own. While the service is away, the answer is 503 rather than 500, and no cookie changes. While
    the cookie of a login in another tab is on its way, the page says so and loads itself again.
    """

    def process_exception(self, _request: Any, error: BaseException) -> Optional[Any]:
        """Answers for a view that could not have the session."""
        return _away(error)

    def process_response(self, request: Any, response: Any) -> Any:
        """Saves the session, and sets its cookie."""
        if getattr(request.session, "is_moving", False):
            return _moment(request)
        try:
            return super().process_response(request, response)
        except CoatcheckError as error:
            answer = _away(error)
            if answer is None:
                raise
            return answer


def _moment(request: Any) -> Any:
    status, headers, text = one_moment(request.method, request.headers.get("accept", ""))
    answer = HttpResponse(text, status=status)
    for name, value in headers.items():
        answer[name] = value
    return answer


def _away(error: BaseException) -> Optional[Any]:
    if not isinstance(error, CoatcheckError) or not error.is_temporary:
        return None
    status, headers, text = away(error)
    answer = HttpResponse(text, status=status)
    for name, value in headers.items():
        answer[name] = value
    return answer
