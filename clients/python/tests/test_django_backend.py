"""What Django's own tests ask of every session backend, case by case, and of the middleware."""

import base64
import unittest
from datetime import timedelta

import test_django  # noqa: F401 - it configures Django
from django.conf import settings
from django.core.exceptions import BadRequest
from django.http import HttpResponse
from django.test import RequestFactory, override_settings
from django.utils import timezone

from coatcheck.django import SessionMiddleware, SessionStore


class TheData(unittest.TestCase):
    """``accessed`` and ``modified`` say what was done to it: the middleware goes by them."""

    def setUp(self):
        self.session = SessionStore()

    def begin(self, **data):
        """A session that holds this, as if nobody had touched it."""
        self.session.update(data)
        self.session.accessed = self.session.modified = False
        return self.session

    def did(self):
        return self.session.accessed, self.session.modified

    def test_reading_accesses_and_does_not_modify(self):
        for read, wanted in (
            (lambda session: session.get("x"), 1),
            (lambda session: session.get("none", 2), 2),
            (lambda session: session["x"], 1),
            (lambda session: "x" in session, True),
            (lambda session: list(session.keys()), ["x"]),
            (lambda session: list(session.values()), [1]),
            (lambda session: list(session.items()), [("x", 1)]),
            (lambda session: session.setdefault("x", 3), 1),
            (lambda session: session.pop("none", "default"), "default"),
            (lambda session: session.pop("none", default="default"), "default"),
        ):
            session = self.begin(x=1)
            self.assertEqual(read(session), wanted)
            self.assertEqual(self.did(), (True, False))

    def test_writing_modifies(self):
        for write, left in (
            (lambda session: session.update({"y": 2}), {"x": 1, "y": 2}),
            (lambda session: session.setdefault("y", 3), {"x": 1, "y": 3}),
            (lambda session: session.pop("x"), {}),
            (lambda session: session.__setitem__("x", 4), {"x": 4}),
            (lambda session: session.__delitem__("x"), {}),
            (lambda session: session.clear(), {}),
        ):
            self.session = SessionStore()
            session = self.begin(x=1)
            write(session)
            self.assertEqual((*self.did(), dict(session.items())), (True, True, left))

    def test_to_pop_what_is_not_there_is_an_error(self):
        with self.assertRaises(KeyError):
            self.session.pop("none")
        with self.assertRaises(KeyError):
            self.session["none"]

    def test_saving_keeps_the_data_in_hand(self):
        self.session["a"] = "b"
        self.session.save()
        self.assertEqual(list(self.session.items()), [("a", "b")])
        self.session.save(must_create=True)
        self.assertEqual(list(self.session.items()), [("a", "b")])

    def test_a_key_is_cycled_also_where_nothing_was_read(self):
        self.session.update({"a": "c", "b": "d"})
        self.session.save()
        before, data = self.session.session_key, list(self.session.items())
        self.assertFalse(hasattr(SessionStore(before), "_session_cache"))
        again = SessionStore(before)
        again.cycle_key()
        self.assertEqual(list(again.items()), data)
        self.assertNotEqual(again.session_key, before)

    def test_what_was_encoded_by_nobody_we_know_decodes_to_nothing_and_is_logged(self):
        with self.assertLogs("django.security.SuspiciousSession", "WARNING"):
            self.assertEqual(self.session.decode(base64.b64encode(b"flaskdj:alkdjf").decode()), {})


class TheExpiry(unittest.TestCase):
    def setUp(self):
        self.session = SessionStore()

    def test_it_is_said_in_seconds_as_a_span_or_as_a_moment(self):
        now = timezone.now()
        for said in (10, now + timedelta(seconds=10)):
            self.session.set_expiry(said)
            self.assertEqual(self.session.get_expiry_date(modification=now), now + timedelta(seconds=10))
            self.assertEqual(self.session.get_expiry_age(modification=now), 10)
        self.session.set_expiry(timedelta(seconds=10))
        self.assertAlmostEqual(self.session.get_expiry_age(modification=now), 10, delta=5)

    def test_nothing_said_and_said_no_more_it_is_that_of_the_settings(self):
        self.assertEqual(self.session.get_expiry_age(), settings.SESSION_COOKIE_AGE)
        self.session.set_expiry(0)
        self.assertEqual(self.session.get_expiry_age(), settings.SESSION_COOKIE_AGE, "0 is until the browser closes")
        self.session.set_expiry(10)
        self.session.set_expiry(None)
        self.assertEqual(self.session.get_expiry_age(), settings.SESSION_COOKIE_AGE)

    def test_whether_it_ends_when_the_browser_closes(self):
        for general in (True, False):
            with override_settings(SESSION_EXPIRE_AT_BROWSER_CLOSE=general):
                for said, wanted in ((10, False), (0, True), (None, general)):
                    self.session.set_expiry(said)
                    self.assertEqual(self.session.get_expire_at_browser_close(), wanted)

    def test_a_moment_comes_back_as_one(self):
        at = timezone.now().replace(microsecond=0) + timedelta(days=3)
        self.session.set_expiry(at)
        self.session.save()
        self.assertEqual(SessionStore(self.session.session_key).get_expiry_date(), at)


class TheMiddleware(unittest.TestCase):
    def ask(self, view, cookie=None):
        self.request = RequestFactory().get("/")
        if cookie is not None:
            self.request.COOKIES[settings.SESSION_COOKIE_NAME] = cookie
        return SessionMiddleware(view)(self.request)

    def cookie(self, answer):
        return answer.cookies[settings.SESSION_COOKIE_NAME]

    @staticmethod
    def touch(request):
        request.session["hello"] = "world"
        return HttpResponse()

    @staticmethod
    def flush(request):
        request.session.flush()
        return HttpResponse()

    def test_the_cookie_is_as_the_settings_say(self):
        with override_settings(SESSION_COOKIE_SECURE=True, SESSION_COOKIE_SAMESITE="Strict"):
            cookie = self.cookie(self.ask(self.touch))
            self.assertEqual((cookie["secure"], cookie["httponly"], cookie["samesite"]), (True, True, "Strict"))
        with override_settings(SESSION_COOKIE_HTTPONLY=False):
            self.assertEqual(self.cookie(self.ask(self.touch))["httponly"], "")

    def test_a_page_that_failed_saves_nothing(self):
        def failing(request):
            self.touch(request)
            return HttpResponse(status=500)

        answer = self.ask(failing)
        self.assertEqual((self.request.session.load(), dict(answer.cookies)), ({}, {}))

    def test_a_session_that_was_deleted_meanwhile_is_a_bad_request(self):
        def deleting(request):
            request.session = SessionStore()
            request.session.save(must_create=True)
            request.session.delete()
            request.session["a"] = 1
            return HttpResponse()

        with self.assertRaises(BadRequest):
            self.ask(deleting)

    def test_an_end_takes_the_cookie_away_where_there_was_one(self):
        with override_settings(SESSION_COOKIE_DOMAIN=".example.local", SESSION_COOKIE_PATH="/example/"):
            answer = self.ask(self.flush, "abc")
            cookie = self.cookie(answer)
            gone = (cookie.value, cookie["max-age"], cookie["domain"], cookie["path"])
            self.assertEqual(gone, ("", 0, ".example.local", "/example/"))
            self.assertEqual(answer["Vary"], "Cookie")
        answer = self.ask(self.flush)
        self.assertEqual((dict(answer.cookies), answer["Vary"]), ({}, "Cookie"))

    def test_a_session_that_was_emptied_lives_on(self):
        answer = self.ask(self.touch)
        key = self.cookie(answer).value
        self.assertEqual((key, answer["Vary"]), (self.request.session.session_key, "Cookie"))

        def emptying(request):
            del request.session["hello"]
            return HttpResponse()

        answer = self.ask(emptying, key)
        self.assertEqual(self.cookie(answer).value, key)
        again = SessionStore(key)
        self.assertEqual((again.load(), again.exists(key)), ({}, True))


if __name__ == "__main__":
    unittest.main()
