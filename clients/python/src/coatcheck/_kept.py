"""What a request knows of the session that it was given: so that only what it changed is written."""

from __future__ import annotations

from typing import Any, Dict, List, Mapping, Optional

from .difference import Difference, PatchOperation, difference, in_json, patch_of
from .errors import CoatcheckError
from .shapes import SessionView

#: For so long after a login the answer with the new cookie may be on its way to the browser. In seconds.
LOGIN_SECONDS = 10.0


class Kept:
    """The settings as they were read, of a session by its id; without one of none that was begun yet."""

    def __init__(self, view: Optional[SessionView] = None) -> None:
        self.id: Optional[str] = None
        self.subject: Optional[str] = None
        self.idle_timeout_seconds: Optional[int] = None
        #: Whether anybody has ever written the settings.
        self.is_written = False
        self._read: Dict[str, Any] = {}
        if view is not None:
            self.hold(view)

    def hold(self, view: SessionView) -> None:
        """This is what there is."""
        self.id, self.subject = view.id, view.subject
        self.idle_timeout_seconds = view.idle_timeout_seconds
        self.is_written = view.revision > 0
        self._read = in_json(view.settings)

    def change(self, now: Mapping[str, Any]) -> Difference:
        """What the request has changed. Raises TypeError where JSON cannot hold it."""
        return difference(self._read, in_json(dict(now)))

    def operations(self, now: Mapping[str, Any]) -> List[PatchOperation]:
        """The JSON Patch that writes it."""
        return patch_of(self.change(now))

    def wrote(self, now: Mapping[str, Any]) -> None:
        """It is written."""
        self._read = in_json(dict(now))
        self.is_written = True

    def adopt(self, view: SessionView, now: Dict[str, Any]) -> None:
        """The session has moved: what others have changed meanwhile is taken over into ``now``, in place."""
        mine = self.change(now)
        self.hold(view)
        taken = {key: value for key, value in in_json(view.settings).items() if key not in mine.removed}
        for key in [key for key in now if key not in mine.set and key not in taken]:
            del now[key]
        now.update({key: value for key, value in taken.items() if key not in mine.set})


def is_moving(error: CoatcheckError) -> bool:
    """Whether a login in another tab has just moved the session, so that its new cookie is on its way."""
    is_fresh = error.ended_seconds_ago is None or error.ended_seconds_ago < LOGIN_SECONDS
    return error.code == "session_gone" and error.reason == "rotated" and is_fresh
