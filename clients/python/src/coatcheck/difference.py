"""What changed between two settings, key by key, so that only that is written and what others changed stays theirs."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any, Dict, List, Mapping

from ._call import decode, encode
from ._path import pointer_to

#: One operation of a JSON Patch, RFC 6902.
PatchOperation = Mapping[str, Any]


def is_equal(one: object, other: object) -> bool:
    """Whether two JSON values are equal. The order of members does not count; ``True`` is not 1."""
    if isinstance(one, bool) or isinstance(other, bool):
        return one is other
    if isinstance(one, dict) and isinstance(other, dict):
        return one.keys() == other.keys() and all(is_equal(one[name], other[name]) for name in one)
    if isinstance(one, list) and isinstance(other, list):
        return len(one) == len(other) and all(map(is_equal, one, other))
    return type(one) in (int, float, str, type(None)) and one == other


def in_json(value: Any) -> Any:
    """A copy of the value as JSON holds it: tuples are lists, names of members are strings.

    Raises TypeError where JSON cannot hold it.
    """
    return decode(encode(value))


@dataclass(frozen=True)
class Difference:
    """Whole values by their keys, and the keys that are gone."""

    set: Dict[str, Any]
    removed: List[str]

    def __bool__(self) -> bool:
        return bool(self.set or self.removed)


def difference(before: Mapping[str, Any], after: Mapping[str, Any]) -> Difference:
    """What to do to ``before`` so that it is ``after``."""
    changed = {key: value for key, value in after.items() if key not in before or not is_equal(before[key], value)}
    return Difference(changed, [key for key in before if key not in after])


def patch_of(change: Difference) -> List[PatchOperation]:
    """The JSON Patch that brings a difference about, whatever stands there.

    A merge patch could neither set null nor replace an object. Removing an absent key is an error in a JSON Patch, so a
    key is there before it is removed.
    """
    operations: List[PatchOperation] = [
        {"op": "add", "path": pointer_to(key), "value": value} for key, value in change.set.items()
    ]
    for key in change.removed:
        operations.append({"op": "add", "path": pointer_to(key), "value": None})
        operations.append({"op": "remove", "path": pointer_to(key)})
    return operations
