"""The clients against the service itself, with a front between them that loses and refuses."""

import pickle
import threading
import time
import unittest
from datetime import datetime

import coatcheck
from front import KEY, OURS, Blocking, Foreign, Front, ServiceTest, new_id, until

ALL = {"read": ["*"], "write": ["*"]}


def is_change(sent):
    return sent.method != "GET"


class Calls:
    def test_each_call_does_what_it_says(self):
        session = self.open().session(new_id())
        self.assertEqual(session.get(), {}, "nobody has written yet: no special case")
        self.assertEqual(session.read(), coatcheck.Found({}, "0"))
        self.assertIsNone(session.get("username"))
        self.assertEqual(session.get("username", "nobody"), "nobody")
        self.refused("session_not_found", session.view)
        self.assertTrue(session.set("username", "henrik").created)
        self.assertFalse(session.set("username", "hanna").created)
        session.set("theme", None)
        self.assertEqual(session.get(), {"username": "hanna", "theme": None}, "None is a value")
        self.assertIsNone(session.get("theme", "dark"))
        session.patch({"cart": {"items": [1]}, "theme": None})
        session.patch([{"op": "add", "path": "/cart/items/-", "value": 2}])
        self.assertEqual(session.get("cart"), {"items": [1, 2]})
        self.assertEqual([session.increment("hits"), session.increment("hits", 41)], [1, 42])
        session.set("flash", "Welcome")
        self.assertEqual([session.take("flash"), session.take("flash", "taken")], ["Welcome", "taken"])
        session.remove("hits")
        session.remove("hits")
        found = session.read()
        session.replace({"username": "x"}, if_match=found.etag)
        view = session.view()
        self.assertEqual((view.settings, view.id, view.subject), ({"username": "x"}, session.id, None))
        self.assertIsInstance(view.expires_at, datetime)
        self.assertEqual(session.touch().revision, view.revision)
        self.assertTrue(self.open().is_ready())
        self.assertIn("keys", self.open().signing_keys())

    def test_a_key_that_no_path_carries_is_read_written_and_counted_all_the_same(self):
        session = self.open().session(new_id())
        key = "a/../b"
        session.remove(key)
        self.refused("session_not_found", session.view)
        self.refused("precondition_failed", lambda: session.set(key, 1, if_match="*"))
        first = session.set(key, 1, if_none_match="*")
        self.assertTrue(first.created)
        self.refused("precondition_failed", lambda: session.set(key, 2, if_none_match="*"))
        session.set(key, 2, if_match=first.etag)
        self.refused("precondition_failed", lambda: session.set(key, 3, if_match=first.etag))
        self.assertEqual(session.increment(key), 3)
        self.assertEqual([session.get(key), session.take(key), session.get(key)], [3, 3, None])
        for name in ("a:b@c~d.e-f_g", ".a", "ü", "a b", "", "%2e%2e"):
            if name:
                session.set(name, 1)
                self.assertEqual(session.get(name), 1, name)

    def test_a_session_is_begun_moved_handed_over_and_ended_for_good(self):
        client = self.open()
        subject = f"user {new_id()}"
        made = client.create(settings={"username": "henrik"}, token={"keys": {"read": ["*"], "write": ["theme"]}})
        visitor = self.open(credential=made.token).session("current")
        visitor.set("theme", "dark")
        self.refused("key_not_allowed", lambda: visitor.set("username", "mallory"))
        code = client.session(made.id).handoff(subject=subject, payload={"to": "/"}).code
        self.refused("handoff_gone", lambda: client.redeem(code, new_id()))
        redeemed = client.redeem(code, made.id, idempotency_key="once")
        self.assertEqual(redeemed.payload, {"to": "/"})
        self.assertEqual(redeemed.session.subject, subject)
        self.assertEqual(client.redeem(code, made.id, idempotency_key="once").session.id, redeemed.session.id)
        moved = client.session(redeemed.session.id).rotate()
        self.assertEqual(moved.settings["theme"], "dark")
        second = client.create(subject=subject)
        self.assertEqual({one.id for one in client.subject_sessions(subject)}, {moved.id, second.id})
        self.assertEqual(client.end_subject(subject, except_id=moved.id), 1)
        batch = client.batch([moved.id, second.id, new_id()])
        self.assertEqual((list(batch.sessions), len(batch.missing), batch.gone), ([moved.id], 1, {second.id: "revoked"}))
        self.assertIn(moved.id, {one.id for one in client.sessions()})
        last = client.session(moved.id)
        token = last.token(keys=ALL)
        self.assertTrue(client.introspect(token.access_token)["active"])
        client.revoke(token.access_token)
        self.assertFalse(client.introspect(token.access_token)["active"])
        self.refused("invalid_credential", self.open(credential=token).session("current").get)
        last.end()
        last.end()
        gone = self.refused("session_gone", lambda: last.set("a", 1))
        self.assertEqual((gone.status, gone.reason), (410, "deleted"))
        self.assertIsInstance(gone.ended_at, datetime)
        self.assertLess(gone.ended_seconds_ago, 30)
        self.assertFalse(gone.is_temporary)
        self.assertNotIn(token.access_token, repr(token))

    def test_a_refusal_says_in_its_members_what_it_is_about(self):
        session = self.open().session(new_id())
        etag = session.set("a", 1).etag
        self.assertEqual(self.refused("precondition_failed", lambda: session.set("a", 2, if_match="other")).etag, etag)
        self.refused("test_failed", lambda: session.patch([{"op": "test", "path": "/a", "value": 9}]))
        long = self.refused("key_length", lambda: session.set("k" * 129, 1))
        self.assertEqual((long.limit, long.type, long.status), (128, "urn:coatcheck:problem:key_length", 422))
        self.assertTrue(long.errors[0]["pointer"].startswith("#/k"))
        self.refused("invalid_credential", self.open(credential="ck_shop_wrong").session(new_id()).get)
        self.refused("credential_required", self.open(credential=None).session("current").get)
        again = pickle.loads(pickle.dumps(long))
        self.assertEqual((again.code, again.limit, str(again)), (long.code, long.limit, str(long)))

    def test_a_call_whose_answer_was_lost_is_done_once_and_its_outcome_comes_all_the_same(self):
        front = Front(self)
        client = self.open(front.url)
        session = client.session(new_id())

        def harmed(work):
            front.harm_first(is_change, "lose", "break")
            return work()

        self.assertEqual(harmed(lambda: session.increment("hits")), 1)
        self.assertEqual(session.get("hits"), 1)
        session.set("flash", "once")
        self.assertEqual(harmed(lambda: session.take("flash")), "once")
        harmed(lambda: session.patch([{"op": "add", "path": "/list", "value": [1]}]))
        harmed(lambda: session.patch([{"op": "add", "path": "/list/-", "value": 2}]))
        self.assertEqual(session.get("list"), [1, 2])
        harmed(lambda: session.remove("list"))
        subject = f"user-{new_id()}"
        made = harmed(lambda: client.create(subject=subject))
        moved = harmed(lambda: client.session(made.id).rotate())
        self.assertEqual([one.id for one in client.subject_sessions(subject)], [moved.id], "made once, rotated once")

    def test_what_is_not_safe_to_repeat_is_not_repeated(self):
        front = Front(self)
        session = self.open(front.url).session(new_id())
        for work in (lambda: session.token(keys=ALL), session.handoff):
            front.sent.clear()
            front.harm_first(is_change, "lose")
            self.refused("unreachable", work)
            self.assertEqual(len(front.sent), 1)
            # Whoever was told to come later was refused: nothing was done.
            front.harm_first(is_change, Foreign(429, {"retry-after": "0"}))
            work()
            self.assertEqual(len(front.sent), 3)

    def test_a_client_comes_again_after_as_long_as_it_is_asked_to_and_not_if_that_is_too_late(self):
        front = Front(self)
        session = self.open(front.url).session(new_id())
        body = '{"code":"store_unavailable","detail":"x","status":503}'
        front.harm_first(lambda sent: True, Foreign(503, {"retry-after": "1", **OURS}, body))
        began = time.monotonic()
        self.assertEqual(session.get(), {})
        self.assertGreaterEqual(time.monotonic() - began, 1)
        front.harm = lambda sent: Foreign(503, {"retry-after": "30", **OURS}, body)
        front.sent.clear()
        away = self.refused("store_unavailable", lambda: session.get(timeout=5))
        self.assertEqual((away.retry_after, away.is_temporary, len(front.sent)), (30, True, 1))
        front.harm = lambda sent: Foreign(502, {}, "<html>")
        front.sent.clear()
        self.assertIn(self.unanswered(lambda: session.get(timeout=0.8)).status, (502, None))
        self.assertGreater(len(front.sent), 2)
        self.assertEqual({sent.headers.get("idempotency-key") for sent in front.sent}, {None}, "a read needs no key")
        front.sent.clear()
        self.unanswered(lambda: session.set("a", 1, timeout=0.8))
        keys = {sent.headers.get("idempotency-key") for sent in front.sent}
        self.assertEqual((len(keys), None in keys), (1, False), "and a write has the same one each time")

    def test_a_call_ends_at_its_deadline_and_when_the_client_is_closed(self):
        front = Front(self)
        client = self.open(front.url, timeout=0.3)
        session = client.session(new_id())
        session.set("long", "x" * 200, timeout=10)
        for harm in ("hold", "drip", "drip head"):
            front.harm = lambda sent: harm
            began = time.monotonic()
            self.refused("deadline_exceeded", session.get)
            self.assertLess(time.monotonic() - began, 8, harm)
        front.harm = lambda sent: "refuse"
        failed = []
        pending = threading.Thread(target=lambda: failed.append(self.refused("closed", lambda: session.get(timeout=50))))
        front.sent.clear()
        pending.start()
        until(lambda: len(front.sent) > 3, "it is tried again and again")
        client.close()
        pending.join(30)
        self.assertEqual(len(failed), 1)
        self.refused("closed", session.get)

    def test_an_update_wins_in_the_end_and_writes_what_it_changed_alone(self):
        client = self.open()
        id = new_id()

        def add(n):
            session = client.session(id)
            session.update(lambda now: {**now, "list": [*now.get("list", []), n]}, timeout=60)

        threads = [threading.Thread(target=add, args=(n,)) for n in range(8)]
        for one in threads:
            one.start()
        for one in threads:
            one.join(60)
        session = client.session(id)
        self.assertEqual(sorted(session.get("list")), list(range(8)))
        etag = session.read().etag
        session.update(lambda now: None)
        self.assertEqual(session.read().etag, etag, "nothing changed, nothing was written")

        def change(now):
            del now["list"]
            now["a"] = (1, 2)

        self.assertEqual(session.update(change), {"a": [1, 2]}, "as it was written")
        slow = self.refused("deadline_exceeded", lambda: session.update(lambda now: time.sleep(0.2) or {"n": 0}, timeout=0.1))
        self.assertIn("Nothing was written", slow.detail)

    def test_a_credential_that_is_refused_is_asked_for_again_once_for_all_who_need_it(self):
        session = self.open().session(new_id())
        asked = []

        def credential():
            token = session.token(scope="read write touch", keys=ALL)
            asked.append(token)
            return token

        page = self.open(credential=self.asking(credential)).session("current")
        page.set("a", 1)
        session.revoke_tokens()
        read = []
        threads = [threading.Thread(target=lambda: read.append(page.get("a"))) for _ in range(4)]
        for one in threads:
            one.start()
        for one in threads:
            one.join(30)
        self.assertEqual((read, len(asked)), ([1, 1, 1, 1], 2))
        self.refused("invalid_credential", self.open(credential=lambda: "ck_shop_wrong").session(new_id()).get)

        def none_today():
            raise LookupError("no token today")

        with self.assertRaises(LookupError):
            self.open(credential=none_today).session(new_id()).get()

    def test_a_token_renews_itself_for_as_long_as_it_may(self):
        front = Front(self)
        session = self.open().session(new_id())
        token = session.token(scope="read renew", keys={"read": ["*"]}, expires_in_seconds=2)
        visitor = self.open(front.url, credential=token.access_token, renew=True).session("current")
        began = time.monotonic()

        def has_lived():
            visitor.get()
            return time.monotonic() - began > 2.6

        until(has_lived, "the token has outlived itself")
        renewals = [sent for sent in front.sent if sent.path.endswith("/tokens")]
        self.assertIn(len(renewals), range(1, 5))

    def test_a_credential_goes_to_no_other_server_and_no_header_can_be_made_of_it(self):
        front, other = Front(self), Front(self)
        front.harm = lambda sent: Foreign(307, {"location": other.url, "retry-after": "60", "set-cookie": "a=b"})
        session = self.open(front.url, timeout=1).session(new_id())
        self.assertIn("redirect", self.refused("unreachable", session.get).detail)
        front.harm = lambda sent: None
        session.get()
        self.assertEqual(other.sent, [])
        self.assertEqual({sent.headers.get("cookie") for sent in front.sent}, {None}, "nor are cookies kept")
        for credential in ("ck_shop_secret\nX: y", "ck_shop secret", "ck_shop_sécret", ""):
            with self.assertRaises(ValueError) as caught:
                self.open(credential=credential)
            self.assertNotIn("s", str(caught.exception).split("secret")[1:])
            self.assertNotIn("ck_", str(caught.exception))
        self.assertEqual(self.open(credential=f"{KEY}\n").session(new_id()).get(), {}, "a file ends in a line break")
        for url in ("http://user:secret@127.0.0.1", "ftp://x", "nothing", "http://x/?a=b", "http://x:y"):
            with self.assertRaises(ValueError) as caught:
                self.open(url)
            self.assertNotIn("secret", str(caught.exception))

    def test_what_stands_in_a_path_never_leads_out_of_its_segment(self):
        client = self.open()
        for name in ("..", ".", "", f"../{new_id()}", f"{new_id()}/settings", f"{new_id()};x", "%2e%2e", f"{new_id()}\n"):
            with self.assertRaises(ValueError):
                client.session(name)
        for name in ("..", "", "/u", "u/", "x/../u", "x\\..\\u", "x%2F..%2Fu", "u\n", "\ud800", "./u"):
            with self.assertRaises(ValueError):
                client.end_subject(name)
        for name in ("henrik@example.org", "auth0|5f7c8ec7", "https://idp.example/users/42?x#y", "a...b", "100 %", "ü"):
            made = client.create(subject=name)
            self.assertEqual(client.end_subject(name, except_id=made.id), 0, name)
            self.assertEqual(client.end_subject(name), 1, name)

    def test_what_json_cannot_hold_is_refused_before_a_call(self):
        session = self.open().session(new_id())
        for value in (float("nan"), {1, 2}, b"x", "\ud800", object()):
            with self.assertRaises(TypeError) as caught:
                session.set("a", value)
            self.assertNotIn(repr(value), str(caught.exception))
        numbers = {"big": 12345678901234567890, "small": -0.5, "text": 'ü"\\\n\u2028'}
        session.patch(numbers)
        self.assertEqual(session.get(), numbers)


class TheBlockingClient(Calls, ServiceTest):
    pass


class TheAsyncioClient(Calls, ServiceTest):
    is_async = True

    def test_a_credential_may_be_awaited(self):
        async def credential():
            return KEY

        self.assertEqual(self.open(credential=credential).session(new_id()).get(), {})


if __name__ == "__main__":
    unittest.main()
