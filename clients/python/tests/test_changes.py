"""What a client hears of sessions, by a stream of one and by the feed of many, while lines are cut."""

import itertools
import types
import unittest

import coatcheck
from coatcheck._feed import MOST_WAITING, Listener, Reader, ServerEvent, Join
from coatcheck._listen import EventReader
from coatcheck._plan import Take
from coatcheck.shapes import Mismatch
from front import OURS, Foreign, Front, Gathered, ServiceTest, new_id, until

ALL = {"read": ["*"], "write": ["*"]}


class Changes:
    def test_a_reader_holds_what_there_is_and_hears_of_the_end(self):
        client, writer = self.open(), self.open(origin="tab-2")
        id = new_id()
        feed = client.feed()
        readers = [Gathered(client.session(id).changes()), Gathered(feed.changes(id.upper()))]
        for reader in readers:
            reader.holds({})
        writer.session(id).patch({"theme": "dark", "cart": [1]})
        for reader in readers:
            reader.holds({"theme": "dark", "cart": [1]})
        etag = writer.session(id).patch({"theme": "light"}).etag
        for reader in readers:
            reader.holds({"theme": "light", "cart": [1]})
        writer.session(id).remove("cart")
        for reader in readers:
            reader.holds({"theme": "light"})
        client.session(id).rotate()
        for reader in readers:
            self.assertEqual(reader.over(), "done")
            first, _, second, third, last = reader.events
            self.assertEqual(first, coatcheck.Snapshot({}, 0, "0"))
            told = coatcheck.Changed({"theme": "light", "cart": [1]}, {"theme": "light"}, [], 2, etag, "tab-2")
            self.assertEqual(second, told)
            self.assertEqual(third.removed, ["cart"])
            self.assertEqual(last, coatcheck.Ended("rotated"))
        late = Gathered(client.session(id).changes())
        self.assertEqual((late.over(), late.events), ("done", [coatcheck.Ended("rotated")]), "and at once, if it is gone")

    def test_ones_own_echo_is_passed_over_and_not_what_it_set(self):
        writer = self.open(origin="tab-2")
        id = new_id()
        feed = writer.feed()
        for own in (writer.session(id).changes(except_origin="tab-2"), feed.changes(id, except_origin="tab-2")):
            reader = Gathered(own)
            until(lambda: reader.events, "it begins")
            mine = writer.session(id).increment("mine")
            self.open().session(id).set("other", mine)
            reader.holds({"mine": mine, "other": mine})
            self.assertEqual([type(event).__name__ for event in reader.events].count("Changed"), 1)

    def test_a_stream_that_is_cut_again_and_again_misses_nothing_and_is_told_nothing_twice(self):
        front = Front(self)
        id = new_id()
        session = self.open().session(id)
        session.set("n", 0)
        reader = Gathered(self.open(front.url).session(id).changes())
        reader.holds({"n": 0})
        front.cut()
        until(lambda: len(front.sent) >= 2, "it comes back")
        self.assertTrue(front.sent[1].headers["last-event-id"].startswith("1-"))
        session.set("m", 0)
        reader.holds({"n": 0, "m": 0})
        # Where the change comes before the stream is there again, a snapshot shows it.
        told = [event.etag for event in reader.events]
        self.assertEqual(len(told), len(set(told)))
        front.cut()
        session.set("n", 1)
        reader.holds({"n": 1, "m": 0})
        front.cut()
        session.end()
        self.assertEqual(reader.over(), "done")
        self.assertEqual(reader.events[-1], coatcheck.Ended("deleted"))

    def test_a_feed_that_is_cut_or_was_not_there_reads_again(self):
        front = Front(self)
        client = self.open()
        ids = [new_id() for _ in range(120)]
        for n, id in enumerate(ids[:3]):
            client.session(id).set("n", n)
        # What answers at first is not the service.
        foreign = Foreign(200, {"content-type": "text/event-stream"}, 'event: gap\ndata: {}\n\n')
        front.harm_first(lambda sent: sent.path == "/v1/events", foreign)
        feed = self.open(front.url).feed()
        readers = [Gathered(feed.changes(id)) for id in ids]
        for n, reader in enumerate(readers):
            reader.holds({"n": n} if n < 3 else {})
        batches = [sent for sent in front.sent if sent.path.endswith("/batch")]
        self.assertLess(len(batches), 8, "a hundred sessions a call")
        front.harm = lambda sent: "refuse"
        front.cut()
        client.session(ids[0]).set("n", 100)
        client.session(ids[1]).end()
        front.harm = lambda sent: None
        readers[0].holds({"n": 100})
        self.assertEqual(readers[1].over(), "done")
        self.assertEqual(readers[1].events[-1], coatcheck.Ended("deleted"))
        self.assertNotIn("Ended", [type(event).__name__ for event in readers[2].events], "an outage ends nothing")
        feed.close()
        self.assertEqual(readers[2].over(), "done")
        self.refused("closed", lambda: next(iter(feed.changes(new_id()))))

    def test_a_refusal_that_stays_ends_the_stream_with_what_it_was(self):
        session = self.open().session(new_id())
        session.set("a", 1)
        deaf = self.open(credential=session.token(scope="read", keys=ALL))
        self.assertEqual(Gathered(deaf.session("current").changes()).over().code, "insufficient_scope")
        self.assertEqual(Gathered(deaf.feed().changes(session.id)).over().status, 403)
        with self.assertRaises(ValueError):
            next(iter(self.open().feed().changes("no-uuid")))
        scope = "read events"
        revoked = Gathered(self.open(credential=session.token(scope=scope, keys=ALL)).session("current").changes())
        asked = []

        def credential():
            asked.append(session.token(scope=scope, keys={"read": ["a"], "write": []}))
            return asked[-1]

        renewed = Gathered(self.open(credential=self.asking(credential)).session("current").changes())
        for reader in (revoked, renewed):
            reader.holds({"a": 1})
        session.revoke_tokens()
        self.assertEqual(revoked.over().code, "invalid_credential")
        session.patch({"a": 2, "b": 1})
        renewed.holds({"a": 2})
        self.assertEqual(len(asked), 2, "who can get another credential goes on")

    def test_who_breaks_off_lets_go_of_the_stream_and_a_closed_client_ends_it(self):
        client = self.open()
        id = new_id()
        for _ in range(36):
            stream = client.session(id).changes()
            next(iter(stream))
            stream.close()
        own = self.open()
        readers = [Gathered(own.session(id).changes()), Gathered(own.feed().changes(id))]
        for reader in readers:
            reader.holds({})
        own.close()
        for reader in readers:
            self.assertEqual(reader.over(), "done")


class TheBlockingClient(Changes, ServiceTest):
    pass


class TheAsyncioClient(Changes, ServiceTest):
    is_async = True


class Events(unittest.TestCase):
    def test_events_are_read_the_same_in_whatever_pieces_they_come(self):
        text = (
            ":\n\nretry: 1500\n\nevent: snapshot\r\nid: 1-a\rdata: {\"ü\":\ndata: 1}\n\nid: 2-b\n\ndata:x\n\nretry: 1s\n"
            "event: gap\n\nnonsense\nid: with\0nul\nevent: change\nid\ndata\n\ndata: no end"
        ).encode()

        def read(*pieces):
            reader = EventReader()
            events = list(itertools.chain.from_iterable(reader.take(piece) for piece in pieces))
            return events, reader.retry

        whole = read(text)
        told = [("snapshot", '{"ü":\n1}', "1-a"), ("", "", "2-b"), ("message", "x", "2-b"), ("change", "", "")]
        self.assertEqual(whole, ([ServerEvent(*one) for one in told], 1.5))
        for one in range(len(text)):
            self.assertEqual(read(text[:one], text[one:]), whole, one)
        self.assertEqual(read(*(bytes([byte]) for byte in text)), whole)

    def test_a_stream_that_never_ends_an_event_does_not_fill_the_memory(self):
        for piece in (b"data: x", b"data: x\n", b": x\n"):
            reader = EventReader()
            with self.assertRaises(Mismatch):
                for _ in range(20):
                    reader.take(piece.replace(b"x", b"x" * 2**20))

    def test_a_change_that_goes_on_from_something_else_is_not_applied_but_read(self):
        id = new_id()
        read = []

        def batch(ids):
            read.append(ids)
            view = types.SimpleNamespace(settings={"n": len(read)}, revision=len(read), etag=f"{len(read)}-x")
            return types.SimpleNamespace(sessions={id: view}, missing=[], gone={})
            yield

        listener = Listener(id, None, lambda: None)
        plan = Reader(batch).run()
        plan.send(None)
        for event in (Join(listener), ServerEvent("gap", "{}", ""), None):
            plan.send(event)
        tell = '{"id":"%s","etag":"2-%s","previousEtag":"%s","revision":2,"set":{"n":2},"removed":[]}'
        self.assertEqual(plan.send(ServerEvent("change", tell % (id, "x", "1-other"), "")), Take(0.0))
        self.assertEqual(plan.send(None), Take(None), "it is read")
        self.assertEqual(len(read), 2)
        told = tell.replace('"2-%s"', '"3-%s"').replace('"revision":2', '"revision":3')
        self.assertEqual(plan.send(ServerEvent("change", told % (id, "x", "2-x"), "")), Take(None))
        self.assertEqual([event.etag for event in listener.waiting], ["1-x", "2-x", "3-x"])

    def test_a_slow_listener_ends_with_what_there_is(self):
        id = new_id()
        reader = Reader(lambda ids: self.fail("nothing is read here"))
        listener = Listener(id, None, lambda: None)
        plan = reader.run()
        self.assertEqual(plan.send(None), Take(None))
        for event in (Join(listener), ServerEvent("gap", "{}", "")):
            effect = plan.send(event)
        self.assertEqual(effect, Take(0.0), "it is read once nothing more has come")
        tell = '{"id":"%s","etag":"%d-x","revision":%d,"settings":{"n":%d}}'
        # In place of the reading.
        reader._held[id].is_stale = False
        for n in range(1, MOST_WAITING + 50):
            plan.send(ServerEvent("snapshot", tell % (id, n, n, n), ""))
        self.assertLessEqual(len(listener.waiting), MOST_WAITING)
        self.assertEqual(listener.waiting[-1].revision, MOST_WAITING + 49)


if __name__ == "__main__":
    unittest.main()
