"""The calls that are of no single session, as plans."""

from __future__ import annotations

from typing import Any, Dict, Mapping, Optional, Sequence
from urllib.parse import quote, urlencode

from ._call import Call, Ways, encode, must_be, perform, read_json, read_nothing
from ._path import is_plain, subject_segment
from ._plan import Answer, Plan
from .shapes import Batch, Page, Redeemed, SessionView, member, obj, of

Json = Any

#: A call takes these seconds at most, its repeats included, unless the client or the call says otherwise.
TIMEOUT = 10.0


def asked(**members: Any) -> Dict[str, Any]:
    """The members of a body that were said, by the API's names."""
    names = {
        "session_id": "sessionId",
        "idle_timeout_seconds": "idleTimeoutSeconds",
        "lifetime_seconds": "lifetimeSeconds",
        "expires_in_seconds": "expiresInSeconds",
    }
    return {names.get(name, name): value for name, value in members.items() if value is not None}


class Service:
    """Makes the plans of a client."""

    def __init__(self, ways: Ways) -> None:
        self.ways = ways

    def create(self, body: Mapping[str, Any], timeout: Optional[float], key: Optional[str]) -> Plan[SessionView]:
        read = read_json(201, shape=lambda value: SessionView.from_json(value, str(body.get("id", "current")).lower()))
        call = Call("POST", "/v1/sessions", read, "keyed", encode(body))
        return perform(call, self.ways, timeout, key)

    def redeem(self, body: Mapping[str, Any], timeout: Optional[float], key: Optional[str]) -> Plan[Redeemed]:
        call = Call(
            "POST", "/v1/handoffs/redeem", read_json(200, shape=Redeemed.from_json), "keyed", encode(body)
        )
        return perform(call, self.ways, timeout, key)

    def batch(self, ids: Sequence[str], touch: bool, timeout: Optional[float]) -> Plan[Batch]:
        content = encode({"ids": list(ids), "touch": touch})
        call = Call("POST", "/v1/sessions/batch", read_json(200, shape=Batch.from_json), "always", content)
        return perform(call, self.ways, timeout)

    def page(self, subject: Optional[str], cursor: Optional[str], timeout: Optional[float]) -> Plan[Page]:
        path = "/v1/sessions" if subject is None else f"/v1/subjects/{subject_segment(subject)}/sessions"
        query = "?limit=100" + ("" if cursor is None else f"&cursor={quote(cursor, safe='')}")
        return perform(Call("GET", path + query, read_json(200, shape=Page.from_json), "always"), self.ways, timeout)

    def end_subject(self, subject: str, except_id: Optional[str], timeout: Optional[float]) -> Plan[int]:
        query = "" if except_id is None else f"?except={quote(except_id, safe='')}"
        read = read_json(200, shape=member("ended", lambda value: of(int, value)))
        path = f"/v1/subjects/{subject_segment(subject)}/sessions{query}"
        return perform(Call("DELETE", path, read, "always"), self.ways, timeout)

    def introspect(self, token: str, timeout: Optional[float]) -> Plan[Dict[str, Any]]:
        return perform(self._form("/v1/introspect", token, read_json(200, shape=obj)), self.ways, timeout)

    def revoke(self, token: str, timeout: Optional[float]) -> Plan[None]:
        return perform(self._form("/v1/revoke", token, lambda answer: must_be(answer, 200)), self.ways, timeout)

    def _form(self, path: str, token: str, read: Any) -> Call[Any]:
        content = urlencode({"token": token}).encode()
        return Call("POST", path, read, "always", content, "application/x-www-form-urlencoded")

    def signing_keys(self, timeout: Optional[float]) -> Plan[Dict[str, Any]]:
        call = Call("GET", "/.well-known/jwks.json", read_json(200, shape=obj), "always")
        return perform(call, self.ways, timeout)

    def retire_signing_key(self, kid: str, timeout: Optional[float]) -> Plan[None]:
        if not is_plain(kid):
            raise ValueError("This is no id of a signing key.")
        return perform(Call("DELETE", f"/v1/signing-keys/{kid}", read_nothing, "always"), self.ways, timeout)

    def is_ready(self, timeout: Optional[float]) -> Plan[bool]:
        def read(answer: Answer) -> bool:
            must_be(answer, 200)
            return True

        return perform(Call("GET", "/readyz", read, "always"), self.ways, timeout)
