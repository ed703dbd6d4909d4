"""The session of Starlette and FastAPI, kept in Coatcheck::

    app.add_middleware(SessionMiddleware, url="http://127.0.0.1:3000", api_key=…, secret_key=…)

    @app.get("/")
    async def page(request: Request):
        request.session["visits"] = request.session.get("visits", 0) + 1

- Only the keys that a request changed are written, so requests that overlap lose nothing of each other's.
- A session that was ended is not brought back by a request that was late: that one is answered with 409.
- ``await request.session.log_in(user_id)`` moves the session to an id that nobody knew before, and binds it to the user.
- The cookie holds the session's id, signed.
- While the service is away the answer is 503, and nobody is logged out.

In a WebSocket route ``websocket.session`` has what there was when it was opened; ``.handle`` reads and writes from then on,
``.changes()`` tells what happens.

It is plain ASGI and imports nothing of Starlette.
"""

from __future__ import annotations

import asyncio
from typing import Any, AsyncGenerator, Awaitable, Callable, Dict, Mapping, MutableMapping, Optional, Sequence, Tuple, Union
from weakref import WeakKeyDictionary

from ._base import Verify
from ._cookie import read, sign
from ._kept import Kept, is_moving
from ._pages import Page, away, one_moment, over
from .async_client import AsyncClient
from .async_feed import AsyncFeed
from .async_session import AsyncSession
from .errors import CoatcheckError
from .events import Event

Scope = MutableMapping[str, Any]
Message = MutableMapping[str, Any]
Receive = Callable[[], Awaitable[Message]]
Send = Callable[[Message], Awaitable[None]]
App = Callable[[Scope, Receive, Send], Awaitable[None]]

#: A request does not wait longer for the service, in seconds.
TIMEOUT = 3.0
#: As long as browsers keep a cookie. In seconds.
COOKIE_SECONDS = 400 * 24 * 60 * 60
_OVER = ("session_gone", "session_not_found", "precondition_failed")


class VisitorSession(Dict[str, Any]):
    """``request.session``: a dict of the visitor's settings. What a request changed in it is written before its answer."""

    def __init__(self, client: AsyncClient, feed: AsyncFeed, kept: Kept, settings: Mapping[str, Any]) -> None:
        super().__init__(settings)
        self._client = client
        self._feed = feed
        self._kept = kept
        self._is_over = False

    @property
    def id(self) -> Optional[str]:
        """The session's id at the service; None while there is none."""
        return self._kept.id

    @property
    def subject(self) -> Optional[str]:
        """The user that the session is bound to."""
        return self._kept.subject

    @property
    def handle(self) -> AsyncSession:
        """The session at the service: what it does is done at once. Raises LookupError while there is none."""
        if self.id is None:
            raise LookupError("This visitor has no session yet: the first request that writes begins it.")
        return self._client.session(self.id)

    def changes(self, *, except_origin: Optional[str] = None) -> AsyncGenerator[Event, None]:
        """What happens to the session from now on, over the process's one stream."""
        return self._feed.changes(self.handle.id, except_origin=except_origin)

    async def log_in(self, subject: str) -> None:
        """Moves the session to a new id and binds it to the user. The answer sets the new cookie."""
        await self.rotate(subject=subject)

    async def rotate(self, *, subject: Optional[str] = None) -> None:
        """Moves the session to a new id, which nobody can know who knew the old one."""
        if self.id is not None:
            try:
                self._kept.adopt(await self.handle.rotate(subject=subject), self)
                return
            except CoatcheckError as error:
                if error.code != "session_gone":
                    raise
                # What the session was is over; what this request has put there goes on.
                fresh = self._kept.change(self).set
                self.clear()
                self.update(fresh)
        self._kept.hold(await self._client.create(settings=self, subject=subject))

    async def log_out(self) -> None:
        """Ends the session, for good, and empties it."""
        if self.id is not None:
            try:
                await self.handle.end()
            except CoatcheckError as error:
                if error.code != "session_gone":
                    raise
        self.clear()
        self._kept = Kept()
        self._is_over = True

    async def save(self) -> None:
        """Writes what the request has changed. Its answer does that by itself."""
        if self.id is None:
            if self:
                self._kept.hold(await self._client.create(settings=self))
            return
        operations = self._kept.operations(self)
        if operations:
            await self.handle.patch(operations, if_match="*" if self._kept.is_written else None)
            self._kept.wrote(self)


class SessionMiddleware:
    """Gives each request and each WebSocket its session, as ``scope["session"]``.

    - ``url``, ``api_key``, ``verify``, ``timeout``: as of :class:`coatcheck.AsyncClient`.
    - ``secret_key``: what signs the cookie; of several the first signs and all are good.
    - ``cookie``: its name. ``max_age``: how long browsers keep it, in seconds; None for as long as they run.
    - ``secure``: whether it is sent by HTTPS alone. Leave that, save on your own machine.
    """

    def __init__(
        self,
        app: App,
        *,
        url: str,
        api_key: str,
        secret_key: Union[str, Sequence[str]],
        cookie: str = "session",
        max_age: Optional[int] = COOKIE_SECONDS,
        path: str = "/",
        domain: Optional[str] = None,
        same_site: str = "lax",
        secure: bool = True,
        timeout: float = TIMEOUT,
        verify: Verify = None,
        origin: Optional[str] = None,
    ) -> None:
        self._app = app
        self._secrets = [secret_key] if isinstance(secret_key, str) else list(secret_key)
        if not self._secrets or not all(self._secrets):
            raise ValueError("The secret_key is empty.")
        self._cookie = cookie
        self._attributes = [f"Path={path}", "HttpOnly", f"SameSite={same_site}"]
        self._attributes += ["Secure"] if secure else []
        self._attributes += [f"Domain={domain}"] if domain else []
        self._max_age = max_age
        self._make: Callable[[], AsyncClient] = lambda: AsyncClient(
            url, api_key, timeout=timeout, verify=verify, origin=origin
        )
        self._make()  # What is wrong with it is said at once.
        self._clients: "WeakKeyDictionary[asyncio.AbstractEventLoop, Tuple[AsyncClient, AsyncFeed]]" = WeakKeyDictionary()

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """One request, one WebSocket, or the app's life."""
        if scope["type"] == "lifespan":
            try:
                await self._app(scope, receive, send)
            finally:
                await self._close()
        elif scope["type"] in ("http", "websocket"):
            await self._visit(scope, receive, send)
        else:
            await self._app(scope, receive, send)

    async def _visit(self, scope: Scope, receive: Receive, send: Send) -> None:
        loop = asyncio.get_running_loop()
        if loop not in self._clients:
            made = self._make()
            self._clients[loop] = (made, made.feed())
        client, feed = self._clients[loop]
        had = self._value(scope)
        try:
            session = await self._read(client, feed, read(had, self._secrets))
        except CoatcheckError as error:
            if not (error.is_temporary or is_moving(error)):
                raise
            return await _instead(scope, receive, send, error)
        scope["session"] = session
        if scope["type"] == "websocket":
            return await self._app(scope, receive, send)
        await self._app(scope, receive, _Saving(self, scope, send, session, had).send)

    async def _read(self, client: AsyncClient, feed: AsyncFeed, id: Optional[str]) -> VisitorSession:
        if id is not None:
            try:
                view = await client.session(id).view()
                return VisitorSession(client, feed, Kept(view), view.settings)
            except CoatcheckError as error:
                if error.code not in ("session_gone", "session_not_found") or is_moving(error):
                    raise
        return VisitorSession(client, feed, Kept(), {})

    def _value(self, scope: Scope) -> Optional[str]:
        lines = [value.decode("latin-1") for name, value in scope["headers"] if name == b"cookie"]
        for part in ";".join(lines).split(";"):
            name, _, value = part.strip().partition("=")
            if name == self._cookie:
                return value
        return None

    def cookie_for(self, session: VisitorSession, had: Optional[str]) -> Optional[str]:
        """The cookie to set; None where the browser has it already, or needs none."""
        if session.id is None:
            return None if had is None else self._set("", 0)
        if read(had, self._secrets[:1]) == session.id:
            return None
        return self._set(sign(session.id, self._secrets[0]), self._max_age)

    def _set(self, value: str, max_age: Optional[int]) -> str:
        age = [] if max_age is None else [f"Max-Age={max_age}"]
        return "; ".join([f"{self._cookie}={value}", *age, *self._attributes])

    async def _close(self) -> None:
        client, _ = self._clients.pop(asyncio.get_running_loop(), (None, None))
        if client is not None:
            await client.aclose()


class _Saving:
    """Saves the session before the answer begins, and sends another answer if that fails."""

    def __init__(
        self, middleware: SessionMiddleware, scope: Scope, send: Send, session: VisitorSession, had: Optional[str]
    ) -> None:
        self._middleware = middleware
        self._scope = scope
        self._send = send
        self._session = session
        self._had = had
        self._is_replaced = False

    async def send(self, message: Message) -> None:
        if self._is_replaced:
            return
        if message["type"] == "http.response.start":
            page = await self._saved() if message["status"] < 500 else None
            if page is not None:
                self._is_replaced = True
                return await _send_page(self._send, page)
            cookie = self._middleware.cookie_for(self._session, self._had)
            headers = [*message.get("headers", []), (b"vary", b"Cookie")]
            if cookie is not None and message["status"] < 500:
                headers.append((b"set-cookie", cookie.encode("latin-1")))
                if all(name.lower() != b"cache-control" for name, _ in headers):
                    headers.append((b"cache-control", b"no-store"))
            message = {**message, "headers": headers}
        await self._send(message)

    async def _saved(self) -> Optional[Page]:
        try:
            await self._session.save()
        except CoatcheckError as error:
            if error.code in _OVER:
                return over()
            if error.is_temporary:
                return away(error)
            raise
        return None


async def _instead(scope: Scope, receive: Receive, send: Send, error: CoatcheckError) -> None:
    if scope["type"] == "websocket":
        await receive()
        # Try again later.
        return await send({"type": "websocket.close", "code": 1013})
    accept = next((value.decode("latin-1") for name, value in scope["headers"] if name == b"accept"), "")
    page = one_moment(scope["method"], accept) if is_moving(error) else away(error)
    await _send_page(send, page)


async def _send_page(send: Send, page: Page) -> None:
    status, headers, text = page
    content = text.encode()
    lines = [(name.lower().encode(), value.encode("latin-1")) for name, value in headers.items()]
    lines.append((b"content-length", str(len(content)).encode()))
    await send({"type": "http.response.start", "status": status, "headers": lines})
    await send({"type": "http.response.body", "body": content})
