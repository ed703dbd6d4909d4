"""What a visitor's cookie holds: the session's id, signed. Whoever reads ids in a log or in the store can make no cookie."""

from __future__ import annotations

import base64
import hashlib
import hmac
from typing import Optional, Sequence

from .shapes import is_uuid


def _signature(id: str, secret: str) -> str:
    key = hashlib.sha256(b"coatcheck cookie\0" + secret.encode()).digest()
    digest = hmac.new(key, id.encode(), hashlib.sha256).digest()
    return base64.urlsafe_b64encode(digest).rstrip(b"=").decode()


def sign(id: str, secret: str) -> str:
    """The cookie's value."""
    return f"{id}.{_signature(id, secret)}"


def read(value: Optional[str], secrets: Sequence[str]) -> Optional[str]:
    """The id in a cookie that one of the secrets has signed; None for any other."""
    id, _, signature = (value or "").partition(".")
    if not is_uuid(id) or not signature.isascii():
        return None
    return id if any(hmac.compare_digest(signature, _signature(id, one)) for one in secrets) else None
