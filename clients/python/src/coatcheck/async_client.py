"""The client: ``AsyncClient(url, credential)``, then ``client.session(id)``."""

from __future__ import annotations

from types import TracebackType
from typing import Any, AsyncGenerator, Dict, Mapping, Optional, Sequence, Type

import httpx

from ._async_runner import AsyncRunner, new_transport
from ._base import Verify, base_of, origin_of, trust
from ._call import Ways
from ._credential import AsyncCredential, Source
from ._service import TIMEOUT, Service, asked
from .async_feed import AsyncFeed
from .async_session import AsyncSession
from .shapes import Batch, Redeemed, SessionView


class AsyncClient:
    """Makes calls to a service. Every call raises :class:`CoatcheckError` where it was not done.

    - ``url``: where the service is, ``http://127.0.0.1:3000``, with the path prefix if it has one.
    - ``credential``: an API key, a session token, or a function that gets one.
    - ``renew``: whether a token with the scope ``renew`` is renewed at half its time, by the next call.
    - ``origin``: what this client calls itself in the changes that it makes.
    - ``timeout``: how long a call may take, its repeats included, in seconds.
    - ``verify``: a file of certificates to trust, or an ``ssl.SSLContext``; the system's certificates if left out.
    - ``transport``: a transport of httpx in place of a network.
    """

    def __init__(
        self,
        url: str,
        credential: Optional[AsyncCredential] = None,
        *,
        renew: bool = False,
        origin: Optional[str] = None,
        timeout: float = TIMEOUT,
        verify: Verify = None,
        transport: Optional[httpx.AsyncBaseTransport] = None,
    ) -> None:
        base = base_of(url)
        self._ways = Ways(timeout, origin_of(origin))
        context = trust(base, verify) if transport is None else False
        self._runner = AsyncRunner(
            base,
            Source(credential, renew, self._ways),
            lambda: transport or new_transport(context),
        )
        self._service = Service(self._ways)

    async def __aenter__(self) -> AsyncClient:
        return self

    async def __aexit__(
        self,
        kind: Optional[Type[BaseException]],
        error: Optional[BaseException],
        traceback: Optional[TracebackType],
    ) -> None:
        await self.aclose()

    async def aclose(self) -> None:
        """Ends its streams; calls after it raise ``closed``."""
        await self._runner.close()

    def session(self, id: str) -> AsyncSession:
        """A handle of a session; no call is made. ``current`` is the one that the token names.

        Raises ValueError where it is no id of a session.
        """
        return AsyncSession(self._runner, id, self._ways)

    async def create(
        self,
        *,
        id: Optional[str] = None,
        settings: Optional[Mapping[str, Any]] = None,
        subject: Optional[str] = None,
        idle_timeout_seconds: Optional[int] = None,
        lifetime_seconds: Optional[int] = None,
        token: Optional[Mapping[str, Any]] = None,
        idempotency_key: Optional[str] = None,
        timeout: Optional[float] = None,
    ) -> SessionView:
        """Begins a session; its id is drawn by the service unless one is given. API keys only."""
        body = asked(
            id=id,
            settings=settings,
            subject=subject,
            idle_timeout_seconds=idle_timeout_seconds,
            lifetime_seconds=lifetime_seconds,
            token=token,
        )
        return await self._runner.run(self._service.create(body, timeout, idempotency_key))

    async def redeem(
        self,
        code: str,
        session_id: str,
        *,
        token: Optional[Mapping[str, Any]] = None,
        idempotency_key: Optional[str] = None,
        timeout: Optional[float] = None,
    ) -> Redeemed:
        """Redeems a one-time code together with the session id in the visitor's own cookie. API keys only.

        With a subject in the code the session has moved to the id of the answer's ``session``, which belongs into the
        cookie. ``handoff_gone`` if the code was used, is too old, or is for another session.
        """
        body = asked(code=code, session_id=session_id, token=token)
        return await self._runner.run(self._service.redeem(body, timeout, idempotency_key))

    async def batch(
        self, ids: Sequence[str], *, touch: bool = False, timeout: Optional[float] = None
    ) -> Batch:
        """Up to 100 sessions at once. No use of them unless ``touch`` is true. API keys only."""
        return await self._runner.run(self._service.batch(ids, touch, timeout))

    async def sessions(self, *, timeout: Optional[float] = None) -> AsyncGenerator[SessionView, None]:
        """All sessions of the namespace that live, in no order. No use of them. API keys only."""
        async for one in self._pages(None, timeout):
            yield one

    async def subject_sessions(
        self, subject: str, *, timeout: Optional[float] = None
    ) -> AsyncGenerator[SessionView, None]:
        """Where a user is logged in. API keys only."""
        async for one in self._pages(subject, timeout):
            yield one

    async def end_subject(
        self, subject: str, *, except_id: Optional[str] = None, timeout: Optional[float] = None
    ) -> int:
        """Ends every session of a user, save one if it is named; gives how many. API keys only."""
        return await self._runner.run(self._service.end_subject(subject, except_id, timeout))

    def feed(self) -> AsyncFeed:
        """The changes of many sessions over one stream: ``feed.changes(id)``. API keys only."""
        return AsyncFeed(self._runner, self._service)

    async def introspect(self, token: str, *, timeout: Optional[float] = None) -> Dict[str, Any]:
        """What a token is worth, RFC 7662. API keys only."""
        return await self._runner.run(self._service.introspect(token, timeout))

    async def revoke(self, token: str, *, timeout: Optional[float] = None) -> None:
        """Makes a token and the session's other ones void, RFC 7009. API keys only."""
        await self._runner.run(self._service.revoke(token, timeout))

    async def signing_keys(self, *, timeout: Optional[float] = None) -> Dict[str, Any]:
        """The public keys that verify tokens, RFC 7517."""
        return await self._runner.run(self._service.signing_keys(timeout))

    async def retire_signing_key(self, kid: str, *, timeout: Optional[float] = None) -> None:
        """Makes void what a key has signed. API keys only."""
        await self._runner.run(self._service.retire_signing_key(kid, timeout))

    async def is_ready(self, *, timeout: Optional[float] = None) -> bool:
        """Whether the service reaches its store. Where it does not, or is not there, it raises."""
        return await self._runner.run(self._service.is_ready(timeout))

    async def _pages(self, subject: Optional[str], timeout: Optional[float]) -> AsyncGenerator[SessionView, None]:
        cursor: Optional[str] = None
        while True:
            page = await self._runner.run(self._service.page(subject, cursor, timeout))
            for one in page.sessions:
                yield one
            cursor = page.next
            if cursor is None:
                return
