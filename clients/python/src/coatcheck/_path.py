"""Names in a path, which a proxy may decode and normalise before it hands it on; and every URL parser takes steps in it."""

from __future__ import annotations

import re
import unicodedata
from urllib.parse import quote

# Unreserved characters (RFC 3986) and two marks that nobody changes; no step.
_PLAIN = re.compile(r"(?!\.+\Z)[A-Za-z0-9_.~:@-]+")
# Once decoded, perhaps twice, it is another name, or a step.
_LEADS_ELSEWHERE = re.compile(r"\A\Z|\A[\\/]|[\\/]\Z|(?:\A|[\\/])\.\.?(?:[\\/]|\Z)|%[0-9A-Fa-f]{2}")


def is_plain(name: str) -> bool:
    """Whether a name stays what it is, whatever comes on its way."""
    return _PLAIN.fullmatch(name) is not None


def subject_segment(name: str) -> str:
    """A subject as one segment of a path. Raises ValueError where it could become another one's."""
    strange = any(unicodedata.category(one) in ("Cc", "Cs") for one in name)
    if strange or _LEADS_ELSEWHERE.search(name):
        raise ValueError("This subject cannot stand in a path, where it would lead elsewhere: name the user by an id.")
    return quote(name, safe="")


def pointer_to(key: str) -> str:
    """The JSON Pointer (RFC 6901) of a key."""
    return "/" + key.replace("~", "~0").replace("/", "~1")
