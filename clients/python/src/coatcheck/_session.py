"""The calls of one session, as plans.

A key that a path cannot carry safely goes in a body: it is put and removed by a JSON Patch, taken and counted by
``POST …/take`` and ``POST …/increment``, and read with the others.
"""

from __future__ import annotations

from copy import deepcopy
from dataclasses import replace
from time import monotonic
from typing import Any, Callable, Dict, List, Mapping, Optional, Sequence, Tuple, TypeVar, Union, cast

from ._call import Call, Ways, decode, encode, must_be, perform, read_json, read_nothing, read_written, tag_in
from ._path import is_plain, pointer_to
from ._plan import Answer, Ask, Plan, Sleep, pause_before
from .difference import PatchOperation, difference, in_json, patch_of
from .errors import CoatcheckError
from .shapes import Clocks, Found, Handoff, Mismatch, SessionView, Token, Written, member, obj, of

_T = TypeVar("_T")

JSON_PATCH = "application/json-patch+json"
MERGE_PATCH = "application/merge-patch+json"
#: After so many defeats the losers step aside for a moment.
PATIENT_TRIES = 3

Values = Dict[str, Any]
Change = Union[Mapping[str, Any], Sequence[PatchOperation]]


def _quoted(tag: str) -> str:
    return tag if tag == "*" else f'"{tag}"'


def _number(value: object) -> Union[int, float]:
    return cast(Union[int, float], of((int, float), value))


def _absent(plan: Plan[_T], *more: str) -> Plan[Tuple[bool, Optional[_T]]]:
    """Whether it is there, and what it is. An unwritten session has no keys, as an empty one."""
    try:
        return True, (yield from plan)
    except CoatcheckError as error:
        if error.code in ("key_not_found", "session_not_found", *more):
            return False, None
        raise


class SessionPlans:
    """Makes the plans of one session."""

    def __init__(self, id: str, ways: Ways) -> None:
        if not is_plain(id):
            raise ValueError("This is no id of a session: it is a UUID, or 'current'.")
        self.id = id
        self.path = f"/v1/sessions/{id}"
        self.ways = ways

    def _call(
        self, call: Call[_T], timeout: Optional[float], touch: bool = True, key: Optional[str] = None
    ) -> Plan[_T]:
        path = call.path if touch else f"{call.path}?touch=false"
        return perform(replace(call, path=path), self.ways, timeout, key)

    def view(self, touch: bool, timeout: Optional[float]) -> Plan[SessionView]:
        read = read_json(200, shape=lambda value: SessionView.from_json(value, self.id.lower()))
        return self._call(Call("GET", self.path, read, "always"), timeout, touch)

    def read(self, touch: bool, timeout: Optional[float]) -> Plan[Found]:
        def found(answer: Answer) -> Found:
            must_be(answer, 200)
            tag = tag_in(answer.headers)
            if tag is None:
                raise Mismatch
            return Found(obj(decode(answer.content)), tag)

        return self._call(Call("GET", f"{self.path}/settings", found, "always"), timeout, touch)

    def get(self, key: str, default: Any, touch: bool, timeout: Optional[float]) -> Plan[Any]:
        if is_plain(key):
            path = f"{self.path}/settings/{key}"
            one = self._call(Call("GET", path, read_json(200, shape=lambda value: value), "always"), timeout, touch)
            is_there, value = yield from _absent(one)
            return value if is_there else default
        is_there, found = yield from _absent(self.read(touch, timeout))
        return found.settings.get(key, default) if found else default

    def _write(
        self, call: Call[_T], if_match: Optional[str], if_none_match: Optional[str], timeout: Optional[float], touch: bool
    ) -> Plan[_T]:
        headers = dict(call.headers)
        if if_match is not None:
            headers["if-match"] = _quoted(if_match)
        if if_none_match is not None:
            headers["if-none-match"] = _quoted(if_none_match)
        return self._call(replace(call, headers=headers), timeout, touch)

    def set(
        self,
        key: str,
        value: Any,
        if_match: Optional[str],
        if_none_match: Optional[str],
        touch: bool,
        timeout: Optional[float],
    ) -> Plan[Written]:
        content = encode(value)
        if is_plain(key):
            call = Call("PUT", f"{self.path}/settings/{key}", read_written(True), "keyed", content)
            return self._write(call, if_match, if_none_match, timeout, touch)
        operation = {"op": "add", "path": pointer_to(key), "value": value}
        return self._patch_key(operation, key, if_match, if_none_match, touch, timeout)

    def remove(self, key: str, if_match: Optional[str], touch: bool, timeout: Optional[float]) -> Plan[None]:
        if is_plain(key):
            call = Call("DELETE", f"{self.path}/settings/{key}", read_nothing, "keyed")
            yield from _absent(self._write(call, if_match, None, timeout, touch))
        else:
            operation = {"op": "remove", "path": pointer_to(key)}
            patched = self._patch_key(operation, key, if_match, None, touch, timeout)
            yield from _absent(patched, "path_not_found")

    def patch(
        self,
        change: Change,
        if_match: Optional[str],
        if_none_match: Optional[str],
        touch: bool,
        timeout: Optional[float],
    ) -> Plan[Written]:
        kind = MERGE_PATCH if isinstance(change, Mapping) else JSON_PATCH
        call = Call("PATCH", f"{self.path}/settings", read_written(False), "keyed", encode(change), kind)
        return self._write(call, if_match, if_none_match, timeout, touch)

    def replace(
        self,
        settings: Mapping[str, Any],
        if_match: Optional[str],
        if_none_match: Optional[str],
        touch: bool,
        timeout: Optional[float],
    ) -> Plan[Written]:
        call = Call("PUT", f"{self.path}/settings", read_written(False), "keyed", encode(settings))
        return self._write(call, if_match, if_none_match, timeout, touch)

    def take(self, key: str, default: Any, touch: bool, timeout: Optional[float]) -> Plan[Any]:
        read = read_json(200, shape=member("value", lambda value: value))
        call = Call("POST", f"{self.path}/take", read, "keyed", encode({"key": key}))
        is_there, value = yield from _absent(self._call(call, timeout, touch))
        return value if is_there else default

    def increment(
        self, key: str, by: Union[int, float], touch: bool, timeout: Optional[float]
    ) -> Plan[Union[int, float]]:
        read = read_json(200, shape=member("value", _number))
        call = Call("POST", f"{self.path}/increment", read, "keyed", encode({"key": key, "by": by}))
        return self._call(call, timeout, touch)

    def touch(self, timeout: Optional[float]) -> Plan[Clocks]:
        read = read_json(200, shape=lambda value: Clocks.from_json(value, self.id.lower()))
        return self._call(Call("POST", f"{self.path}/touch", read, "always", b"{}"), timeout)

    def rotate(self, body: Mapping[str, Any], timeout: Optional[float], key: Optional[str]) -> Plan[SessionView]:
        call = Call("POST", f"{self.path}/rotate", read_json(201, shape=self._moved), "keyed", encode(body))
        return self._call(call, timeout, key=key)

    def _moved(self, value: object) -> SessionView:
        view = SessionView.from_json(value)
        if view.id == self.id.lower():
            raise Mismatch
        return view

    def token(self, body: Mapping[str, Any], timeout: Optional[float]) -> Plan[Token]:
        call = Call("POST", f"{self.path}/tokens", read_json(201, shape=Token.from_json), "refused", encode(body))
        return self._call(call, timeout)

    def revoke_tokens(self, timeout: Optional[float]) -> Plan[None]:
        return self._call(Call("DELETE", f"{self.path}/tokens", read_nothing, "always"), timeout)

    def handoff(self, body: Mapping[str, Any], timeout: Optional[float]) -> Plan[Handoff]:
        call = Call("POST", f"{self.path}/handoffs", read_json(201, shape=Handoff.from_json), "refused", encode(body))
        return self._call(call, timeout)

    def end(self, timeout: Optional[float]) -> Plan[None]:
        return self._call(Call("DELETE", self.path, read_nothing, "always"), timeout)

    def update(self, change: Callable[[Values], Any], touch: bool, timeout: Optional[float]) -> Plan[Values]:
        result: Values = {}

        def decide(found: Found) -> Plan[List[PatchOperation]]:
            nonlocal result
            draft = deepcopy(found.settings)
            given = yield Ask(lambda: change(draft))
            result = in_json(draft if given is None else given)
            return patch_of(difference(found.settings, result))

        yield from self._decided(decide, touch, timeout)
        return result

    def _patch_key(
        self,
        operation: PatchOperation,
        key: str,
        if_match: Optional[str],
        if_none_match: Optional[str],
        touch: bool,
        timeout: Optional[float],
    ) -> Plan[Written]:
        """A write of a key by a patch of one operation. A condition on it is judged by what is there."""
        if if_match != "*" and if_none_match is None:
            return (yield from self.patch([operation], if_match, None, touch, timeout))

        def decide(found: Found) -> Plan[List[PatchOperation]]:
            is_there = key in found.settings
            if not is_there if if_match is None else is_there and if_none_match is None:
                return [operation]
            detail = f"The key is {'' if is_there else 'not '}there."
            raise CoatcheckError("precondition_failed", detail, status=412, etag=found.etag)
            yield  # It is a plan, too.

        return cast(Written, (yield from self._decided(decide, touch, timeout)))

    def _decided(
        self, decide: Callable[[Found], Plan[List[PatchOperation]]], touch: bool, timeout: Optional[float]
    ) -> Plan[Optional[Written]]:
        """Reads, decides, and writes if nobody else was faster; otherwise once more, until the time is over."""
        seconds = self.ways.timeout if timeout is None else timeout
        until = monotonic() + seconds
        lost: Optional[CoatcheckError] = None
        losses = 0

        def over(is_sent: bool) -> CoatcheckError:
            others = f" Others were faster {losses} times." if losses else ""
            end = "Whether the last try was done is not known." if is_sent else "Nothing was written."
            detail = f"There were {seconds:g} s, and that was too short.{others} {end}"
            if lost and not is_sent:
                return CoatcheckError(lost.code, detail, status=lost.status, title=lost.title, etag=lost.etag)
            return CoatcheckError("deadline_exceeded", detail)

        def in_time(is_write: bool, made: Callable[[float], Plan[_T]]) -> Plan[_T]:
            left = until - monotonic()
            if left <= 0:
                raise over(False)
            try:
                return (yield from made(left))
            except CoatcheckError as error:
                raise over(is_write) if error.code == "deadline_exceeded" else error

        while True:
            found = yield from in_time(False, lambda left: self.read(touch, left))
            operations = yield from decide(found)
            if not operations:
                return None
            tag = found.etag

            def patch(left: float, operations: Any = operations, tag: str = tag) -> Plan[Written]:
                return self.patch(operations, tag, None, touch, left)

            try:
                return (yield from in_time(True, patch))
            except CoatcheckError as error:
                if error.code != "precondition_failed" or monotonic() >= until:
                    raise
                lost, losses = error, losses + 1
            if losses > PATIENT_TRIES:
                yield Sleep(pause_before(0))
