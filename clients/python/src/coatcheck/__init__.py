"""The client of Coatcheck, a session store for live views.

    client = coatcheck.Client("http://127.0.0.1:3000", api_key)
    client.session(id).set("theme", "dark")

:class:`AsyncClient` is the same for asyncio. ``coatcheck.django`` and ``coatcheck.starlette`` keep a framework's session.
"""

from ._credential import AsyncCredential, Credential
from .async_client import AsyncClient
from .async_feed import AsyncFeed
from .async_session import AsyncSession
from .client import Client
from .difference import Difference, PatchOperation, difference, patch_of
from .errors import CoatcheckError
from .events import Changed, Ended, Event, Expiring, Renew, Snapshot
from .feed import Feed
from .session import Session
from .shapes import Batch, Clocks, Found, Handoff, Redeemed, SessionView, Token, Written

__all__ = [
    "AsyncClient",
    "AsyncCredential",
    "AsyncFeed",
    "AsyncSession",
    "Batch",
    "Changed",
    "Client",
    "Clocks",
    "CoatcheckError",
    "Credential",
    "Difference",
    "Ended",
    "Event",
    "Expiring",
    "Feed",
    "Found",
    "Handoff",
    "PatchOperation",
    "Redeemed",
    "Renew",
    "Session",
    "SessionView",
    "Snapshot",
    "Token",
    "Written",
    "difference",
    "patch_of",
]
