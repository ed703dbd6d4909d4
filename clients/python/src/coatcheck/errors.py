"""What can go wrong with a call: what the service refused, by its ``code``, or that no answer of it came."""

from __future__ import annotations

from datetime import datetime
from typing import Any, Dict, Optional, Sequence, Tuple


class CoatcheckError(Exception):
    """A call was not done. Switch on ``code``; the text is for people and holds no secret and no value.

    ``code`` is one of the service's closed list (``docs/errors.md`` there), or one of three for calls that had no
    answer of the service:

    - ``unreachable``: no connection, or it broke, or what answered is not Coatcheck.
    - ``deadline_exceeded``: no answer in time, repeats included.
    - ``closed``: the client was closed.

    After the first two it is not known whether a write was done.
    """

    code: str
    #: The HTTP status; None if nothing answered.
    status: Optional[int]
    #: A URN of the code, and what every problem of this code is called.
    type: Optional[str]
    title: Optional[str]
    #: What to do about this case.
    detail: str
    #: How much may be, where that is the matter.
    limit: Optional[int]
    #: The places in what was sent that were refused: ``{"pointer": …, "detail": …}``.
    errors: Sequence[Dict[str, str]]
    #: Why a session is gone: ``deleted``, ``rotated`` or ``revoked``.
    reason: Optional[str]
    #: When it was ended.
    ended_at: Optional[datetime]
    #: How long ago that was, by the service's own clock, in seconds.
    ended_seconds_ago: Optional[float]
    #: The present ETag of the settings or the key, with 412.
    etag: Optional[str]
    #: How long to wait before trying again, with 429 and 503, in seconds.
    retry_after: Optional[float]
    #: What to look for in the service's log.
    request_id: Optional[str]

    def __init__(
        self,
        code: str,
        detail: str,
        *,
        status: Optional[int] = None,
        type: Optional[str] = None,
        title: Optional[str] = None,
        limit: Optional[int] = None,
        errors: Sequence[Dict[str, str]] = (),
        reason: Optional[str] = None,
        ended_at: Optional[datetime] = None,
        ended_seconds_ago: Optional[float] = None,
        etag: Optional[str] = None,
        retry_after: Optional[float] = None,
        request_id: Optional[str] = None,
    ) -> None:
        super().__init__(detail if title is None else f"{title}. {detail}")
        self.code = code
        self.detail = detail
        self.status = status
        self.type = type
        self.title = title
        self.limit = limit
        self.errors = errors
        self.reason = reason
        self.ended_at = ended_at
        self.ended_seconds_ago = ended_seconds_ago
        self.etag = etag
        self.retry_after = retry_after
        self.request_id = request_id

    @property
    def is_temporary(self) -> bool:
        """Whether the same call may be done later: an outage, a broken line, too many calls."""
        if self.code in ("unreachable", "deadline_exceeded"):
            return True
        return self.status is not None and (self.status >= 500 or self.status in (408, 429))

    def __reduce__(self) -> Tuple[Any, ...]:
        return _made_again, (self.code, self.detail, dict(self.__dict__))


def _made_again(code: str, detail: str, members: Dict[str, Any]) -> CoatcheckError:
    error = CoatcheckError(code, detail, title=members.get("title"))
    error.__dict__.update(members)
    return error
