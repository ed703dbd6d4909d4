"""The table that all clients share: what each does with each answer (``clients/behaviours.json``)."""

# anyio gets it at its first use, and several threads must not do so at once.
import anyio._backends._asyncio  # noqa: F401
import json
import threading
import unittest
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import coatcheck
from front import OURS, Foreign, Front, ServiceTest, new_id

TABLE = json.loads((Path(__file__).parents[2] / "behaviours.json").read_text())
ID = TABLE["id"]
CODE = TABLE["calls"]["handoff"]["result"]

CALLS = {
    "view": lambda client, session: (lambda view: {"settings": view.settings, "etag": view.etag, "revision": view.revision})(
        session.view()
    ),
    "settings": lambda client, session: session.get(),
    "key": lambda client, session: session.get("theme"),
    "put": lambda client, session: session.set("theme", "dark").etag,
    "patch": lambda client, session: session.patch({"theme": "dark"}).etag,
    "replace": lambda client, session: session.replace({"theme": "dark"}, if_match="*").etag,
    "remove": lambda client, session: session.remove("theme"),
    "take": lambda client, session: session.take("flash"),
    "increment": lambda client, session: session.increment("hits"),
    "touch": lambda client, session: session.touch() and None,
    "end": lambda client, session: session.end(),
    "rotate": lambda client, session: session.rotate().id,
    "revokeTokens": lambda client, session: session.revoke_tokens(),
    "token": lambda client, session: session.token().access_token,
    "handoff": lambda client, session: session.handoff().code,
    "redeem": lambda client, session: client.redeem(CODE, ID).session.id,
    "create": lambda client, session: client.create(id=ID).id,
    "batch": lambda client, session: list(client.batch([ID, "0a8de1c6-7c43-4c0e-9f0a-5a5f0d1b2c3d"]).sessions),
    "subjectSessions": lambda client, session: [one.id for one in client.subject_sessions("user-42")],
    "endSubject": lambda client, session: client.end_subject("user-42"),
}
MEMBERS = {"endedSecondsAgo": "ended_seconds_ago", "retryAfterSeconds": "retry_after", "requestId": "request_id"}


def names_of(case):
    if case["calls"] == "every":
        return list(TABLE["calls"])
    if case["calls"] == "answered with a body":
        return [name for name, call in TABLE["calls"].items() if "json" in call["right"]]
    return case["calls"]


def answer_of(answer, call):
    """What the front does to the request."""
    if answer == "close":
        return "refuse"
    right = call["right"] if answer.get("right") else {}
    told = {**right, **answer}
    headers = {**({} if answer.get("foreign") else OURS), **right.get("headers", {}), **answer.get("headers", {})}
    body = told["text"] if "text" in told else json.dumps(TABLE["bodies"][told["json"]]) if "json" in told else ""
    return Foreign(told["status"], headers, body, 100 if answer.get("cut") else 0)


class Behaviours:
    def test_every_case_of_the_table(self):
        work = [(case, name) for case in TABLE["cases"] for name in names_of(case)]
        self.assertGreater(len(work), 400)
        failures = []
        lock = threading.Lock()
        fronts = {name: Front(self) for name in TABLE["calls"]}

        def run(name):
            for case, one in work:
                if one == name:
                    try:
                        self.one(fronts[name], case, name)
                    except AssertionError as error:
                        with lock:
                            failures.append(f"{case['name']}, {name}: {error}")

        with ThreadPoolExecutor(len(fronts)) as pool:
            list(pool.map(run, fronts))
        self.assertEqual(failures, [])

    def one(self, front, case, name, patience=(0.3, 3, 30)):
        call, then = TABLE["calls"][name], case["then"]
        answers = list(case["answers"])
        front.harm = lambda sent: answer_of(answers.pop(0) if len(answers) > 1 else answers[0], call)
        # What an earlier case has left on its way is not of this one.
        credential = f"ck_case_{new_id()}"
        timeout = patience[0] if then.get("error") == "unreachable" else 20
        client = self.open(front.url, credential, timeout=timeout)
        try:
            came = {"value": CALLS[name](client, client.session(ID))}
        except coatcheck.CoatcheckError as error:
            came = {"error": error.code}
            for member in then:
                if member != "error":
                    value = getattr(error, MEMBERS.get(member, member))
                    came[member] = round(value) if isinstance(value, float) else value
        client.close()
        sent = [one for one in front.sent if one.headers.get("authorization") == f"Bearer {credential}"]
        tries, may_repeat = len(sent), call["repeat"] != "refused"
        # A machine that is too busy for two tries gets more time.
        if tries < (2 if case.get("tries") == "more" and may_repeat else 1) and len(patience) > 1:
            return self.one(front, case, name, patience[1:])
        expected = {"value": call["result"]} if then.get("right") else then
        if expected == {"error": "unreachable"} and came.get("error") == "deadline_exceeded":
            came = expected
        self.assertEqual(came, expected)
        if case.get("tries") == "more":
            self.assertEqual(tries > 1, may_repeat, tries)
        elif "tries" in case:
            self.assertEqual(tries, case["tries"])
        keys = {one.headers.get("idempotency-key") for one in sent}
        self.assertEqual(len(keys), 1)
        self.assertEqual(None in keys, call["repeat"] != "keyed")


class TheBlockingClient(Behaviours, ServiceTest):
    pass


class TheAsyncioClient(Behaviours, ServiceTest):
    is_async = True


class TheTable(unittest.TestCase):
    def test_every_call_of_the_table_is_made(self):
        self.assertEqual(set(CALLS), set(TABLE["calls"]))


if __name__ == "__main__":
    unittest.main()
