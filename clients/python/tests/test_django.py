"""Django's sessions in Coatcheck: what Django promises of every backend, and what only this one does."""

import asyncio
import secrets
import unittest
from datetime import timedelta

from front import KEY, OURS, URL, Foreign, Front, ServiceTest, new_id

import django
from django.conf import settings

settings.configure(
    SECRET_KEY="the secret of the tests",
    ALLOWED_HOSTS=["testserver"],
    SESSION_ENGINE="coatcheck.django",
    COATCHECK={"URL": URL, "API_KEY": KEY},
    ROOT_URLCONF=__name__,
    USE_TZ=True,
    DATABASES={"default": {"ENGINE": "django.db.backends.sqlite3", "NAME": ":memory:"}},
    DEFAULT_AUTO_FIELD="django.db.models.AutoField",
    INSTALLED_APPS=["django.contrib.auth", "django.contrib.contenttypes"],
    PASSWORD_HASHERS=["django.contrib.auth.hashers.MD5PasswordHasher"],
    MIDDLEWARE=["coatcheck.django.SessionMiddleware", "django.contrib.auth.middleware.AuthenticationMiddleware"],
    TEMPLATES=[],
)
django.setup()

from django.contrib.auth import get_user_model, login, logout  # noqa: E402
from django.contrib.sessions.backends.base import UpdateError  # noqa: E402
from django.core.exceptions import ImproperlyConfigured  # noqa: E402
from django.core.management import call_command  # noqa: E402
from django.http import HttpResponse, JsonResponse  # noqa: E402
from django.test import Client as Browser  # noqa: E402
from django.test import override_settings  # noqa: E402
from django.urls import path  # noqa: E402

import coatcheck  # noqa: E402
from coatcheck import django as engine  # noqa: E402
from coatcheck.django import SessionStore  # noqa: E402

call_command("migrate", run_syncdb=True, verbosity=0)
User = get_user_model()
# Others may be logged in at this service, too.
HENRIK, HANNA = (User.objects.create_user(username=name, id=secrets.randbits(48)) for name in ("henrik", "hanna"))

#: What happens in the middle of a request.
meanwhile = []


def put(request):
    request.session.get("anything")
    for work in meanwhile:
        work(request)
    for key, value in request.GET.items():
        if value:
            request.session[key] = value
        else:
            request.session.pop(key, None)
    return HttpResponse("put")


def show(request):
    return JsonResponse({**request.session})


def quiet(_request):
    return HttpResponse("quiet")


def log_in(request):
    login(request, User.objects.get(username=request.GET["name"]), "django.contrib.auth.backends.ModelBackend")
    return HttpResponse("in")


def log_out(request):
    logout(request)
    return HttpResponse("out")


def whoami(request):
    return HttpResponse(request.user.username or "nobody")


urlpatterns = [path(f"{view.__name__}", view) for view in (put, show, quiet, log_in, log_out, whoami)]


class ABackend(unittest.TestCase):
    """What Django asks of a backend."""

    def setUp(self):
        self.session = SessionStore()

    def saved(self, **data):
        session = SessionStore()
        session.update(data)
        session.save()
        return session

    def test_a_new_session_has_nothing_and_costs_no_call(self):
        with override_settings(COATCHECK={"URL": "http://127.0.0.1:1", "API_KEY": "ck_a_b"}):
            self.assertFalse(self.session.modified or self.session.accessed)
            self.assertIsNone(self.session.get("cat"))
            self.assertEqual(self.session.pop("cat", "none"), "none")
            self.assertTrue(self.session.accessed)
            self.assertFalse(self.session.modified)
            self.session["cat"] = "dog"
            self.assertEqual(self.session.setdefault("cat", "cow"), "dog")
            self.assertIn("cat", self.session)
            self.assertEqual(list(self.session.items()), [("cat", "dog")])
            self.assertTrue(self.session.modified)
            self.session.clear()
            self.assertEqual(list(self.session.keys()), [])
            self.assertTrue(SessionStore().is_empty())

    def test_what_is_saved_is_there_for_another(self):
        session = self.saved(cat="dog", none=None, nested={"a": [1, {"b": True}]})
        self.assertTrue(session.exists(session.session_key))
        other = SessionStore(session.session_key)
        self.assertEqual(dict(other.items()), {"cat": "dog", "none": None, "nested": {"a": [1, {"b": True}]}})
        self.assertEqual(other.id, session.id)
        other["nested"]["a"].append(2)
        other.save()
        self.assertEqual(SessionStore(session.session_key)["nested"]["a"], [1, {"b": True}, 2])
        del other["cat"]
        other.save()
        self.assertNotIn("cat", SessionStore(session.session_key))

    def test_an_empty_session_is_saved_too(self):
        self.session.save()
        self.assertTrue(self.session.exists(self.session.session_key))
        self.session.create()
        self.assertEqual(dict(self.session.items()), {})

    def test_deleted_is_deleted(self):
        session = self.saved(a=1)
        session.delete(session.session_key)
        self.assertFalse(session.exists(session.session_key))
        session.delete()
        self.session.delete()
        self.session.delete("1")

    def test_flush_ends_it_and_begins_another_one(self):
        session = self.saved(foo="bar")
        before = session.session_key
        session.flush()
        self.assertFalse(session.exists(before))
        self.assertIsNone(session.session_key)
        self.assertTrue(session.modified and session.accessed)
        self.assertEqual(session.get("foo"), None)

    def test_cycle_key_moves_the_data(self):
        for loaded in (True, False):
            session = self.saved(a="c", b="d")
            before = session.session_key
            if not loaded:
                session = SessionStore(before)
            session.cycle_key()
            self.assertFalse(session.exists(before))
            self.assertNotEqual(session.session_key, before)
            self.assertEqual(list(session.items()), [("a", "c"), ("b", "d")])
            self.assertEqual(dict(SessionStore(session.session_key).items()), {"a": "c", "b": "d"})
        self.session["a"] = 1
        self.session.cycle_key()
        self.assertEqual(SessionStore(self.session.session_key)["a"], 1, "also what was not saved yet")

    def test_a_key_that_nobody_has_given_is_not_taken_over(self):
        unsigned = f"{self.saved(a=1).id}"
        forged = self.saved(a=1).session_key[:-1] + "!"
        for key in ("1", "", "someunknownkey", "x" * 5000, unsigned, forged, f"{new_id()}.é"):
            session = SessionStore(key)
            self.assertEqual(session.load(), {})
            self.assertIsNone(session.session_key)
            self.assertFalse(session.exists(key))
            session = SessionStore(key)
            session["b"] = 1
            session.save()
            self.assertNotEqual(session.session_key, key)
            self.assertEqual(dict(SessionStore(session.session_key).items()), {"b": 1})
        with self.assertRaises(AttributeError):
            self.session.session_key = "x"

    def test_a_session_that_was_logged_out_elsewhere_is_not_brought_back(self):
        one = self.saved(data="value1")
        other = SessionStore(one.session_key)
        other.delete()
        one["data"] = "value2"
        with self.assertRaises(UpdateError):
            one.save()
        self.assertEqual(one.load(), {})
        self.assertFalse(one.exists(other.session_key))

    def test_expiry(self):
        self.assertEqual(self.session.get_expiry_age(), settings.SESSION_COOKIE_AGE)
        self.session.set_expiry(10)
        self.session.save()
        view = engine.client().session(self.session.id).view(touch=False)
        self.assertEqual(view.idle_timeout_seconds, 10)
        before = self.session.session_key
        self.session.set_expiry(timedelta(days=1))
        self.session.save()
        self.assertNotEqual(self.session.session_key, before)
        again = SessionStore(self.session.session_key)
        self.assertAlmostEqual(again.get_expiry_age(), 86400, delta=60)
        self.assertAlmostEqual(engine.client().session(again.id).view().idle_timeout_seconds, 86400, delta=60)
        again.set_expiry(-timedelta(seconds=10))
        key = again.session_key
        again.save()
        self.assertFalse(again.exists(key))
        past = SessionStore()
        past["foo"] = "bar"
        past.set_expiry(-10)
        past.save()
        self.assertNotIn("foo", SessionStore(past.session_key))
        SessionStore.clear_expired()

    def test_what_django_encodes_it_decodes(self):
        data = {"a test key": "a test value"}
        self.assertEqual(self.session.decode(self.session.encode(data)), data)

    def test_the_setting_says_what_is_wrong_with_it(self):
        for wrong in ({}, {"API_KEY": "ck_a_b", "TIMOUT": 1}):
            with override_settings(COATCHECK=wrong), self.assertRaises(ImproperlyConfigured) as caught:
                engine.client()
            self.assertNotIn("ck_a_b", str(caught.exception))

    def test_the_async_methods_of_newer_django_do_the_same(self):
        if not hasattr(SessionStore, "aset"):
            self.skipTest("This Django has none.")

        async def work():
            session = SessionStore()
            await session.aset("a", 1)
            await session.asave()
            before = session.session_key
            await session.acycle_key()
            return before, session

        before, session = asyncio.run(work())
        self.assertFalse(session.exists(before))
        self.assertEqual(SessionStore(session.session_key)["a"], 1)


class ARequest(ServiceTest):
    """A browser, the middleware and this backend."""

    def setUp(self):
        meanwhile.clear()
        self.addCleanup(meanwhile.clear)

    def id(self, browser):
        return SessionStore(browser.cookies["sessionid"].value).id

    def within(self, front, seconds):
        """How long a request waits for the service behind this front."""
        return override_settings(COATCHECK={"URL": front.url, "API_KEY": KEY, "TIMEOUT": seconds})

    def behind(self):
        front = Front(self)
        options = self.within(front, 20)
        options.enable()
        self.addCleanup(options.disable)
        return front

    def test_requests_that_overlap_lose_nothing_of_each_others(self):
        browser = Browser()
        browser.get("/put?a=1&b=1&c=1")
        meanwhile.append(lambda request: engine.client().session(request.session.id).patch({"b": "2", "c": None, "d": "2"}))
        browser.get("/put?a=3&e=3")
        meanwhile.clear()
        self.assertEqual(browser.get("/show").json(), {"a": "3", "b": "2", "d": "2", "e": "3"})

    def test_only_what_changed_is_written_and_a_request_that_changes_nothing_writes_nothing(self):
        front = self.behind()
        browser = Browser()
        browser.get("/quiet")
        self.assertEqual(front.sent, [], "who has no session costs no call")
        browser.get("/put?a=1&b=1")
        front.sent.clear()
        browser.get("/quiet")
        self.assertEqual(front.sent, [], "nor who does not ask for it")
        browser.get("/show")
        self.assertEqual([sent.method for sent in front.sent], ["GET"])
        front.sent.clear()
        browser.get("/put?a=1&b=2")
        self.assertEqual([sent.method for sent in front.sent], ["GET", "PATCH"])
        self.assertEqual(front.sent[1].body, '[{"op":"add","path":"/b","value":"2"}]')

    def test_login_moves_and_binds_and_logout_ends(self):
        browser, sibling = Browser(), Browser()
        browser.get("/put?cart=tea")
        before = browser.cookies["sessionid"].value
        sibling.cookies["sessionid"] = before
        browser.get("/log_in?name=henrik")
        after = self.id(browser)
        view = engine.client().session(after).view()
        self.assertEqual((view.subject, view.settings["cart"]), (str(HENRIK.pk), "tea"))
        self.assertEqual(browser.get("/whoami").content, b"henrik")
        # The answer with the new cookie may be on its way to this tab.
        page = sibling.get("/whoami", HTTP_ACCEPT="text/html")
        self.assertEqual((page.status_code, page["refresh"], len(page.cookies)), (200, "1", 0))
        self.assertEqual(sibling.get("/put?a=1", HTTP_ACCEPT="application/json").status_code, 409)
        self.assertEqual(sibling.post("/put?a=1", HTTP_ACCEPT="text/html").status_code, 409)
        browser.get("/log_out")
        with self.assertRaises(coatcheck.CoatcheckError) as caught:
            engine.client().session(after).view()
        self.assertEqual(caught.exception.reason, "deleted")
        self.assertEqual(browser.get("/whoami").content, b"nobody")

    def test_what_others_change_while_somebody_logs_in_stays(self):
        browser = Browser()
        browser.get("/put?a=1&b=1&c=1")
        id = self.id(browser)
        session = SessionStore(browser.cookies["sessionid"].value)
        session["a"] = "mine"
        del session["c"]
        engine.client().session(id).patch({"a": "theirs", "b": None, "d": "theirs", "c": "theirs"})
        session.cycle_key()
        session.save()
        self.assertEqual(dict(SessionStore(session.session_key).items()), {"a": "mine", "d": "theirs"})

    def test_logging_out_everywhere_reaches_every_browser(self):
        browsers = [Browser(), Browser(), Browser()]
        for browser in browsers:
            browser.get("/log_in?name=hanna")
        kept = SessionStore(browsers[0].cookies["sessionid"].value)
        self.assertEqual(engine.log_out_everywhere(HANNA, except_session=kept), 2)
        self.assertEqual([browser.get("/whoami").content for browser in browsers], [b"hanna", b"nobody", b"nobody"])
        self.assertEqual(engine.log_out_everywhere(HANNA), 1)

    def test_a_late_request_brings_back_no_session_that_was_ended(self):
        browser = Browser()
        browser.get("/put?a=1")
        meanwhile.append(lambda request: engine.client().session(request.session.id).end())
        answer = browser.get("/put?a=2")
        self.assertEqual(answer.status_code, 400)
        self.assertNotIn("sessionid", answer.cookies)
        meanwhile.clear()
        answer = browser.get("/show")
        self.assertEqual(answer.json(), {})
        self.assertEqual(answer.cookies["sessionid"].value, "", "and the browser forgets it")

    def test_a_login_over_a_session_that_was_just_ended_goes_on_without_what_that_held(self):
        session = SessionStore()
        session["old"] = 1
        session.save()
        session = SessionStore(session.session_key)
        session["new"] = 1
        engine.client().session(session.id).end()
        session.cycle_key()
        self.assertEqual(dict(SessionStore(session.session_key).items()), {"new": 1})

    def test_an_outage_is_503_and_logs_nobody_out(self):
        browser = Browser()
        browser.get("/log_in?name=henrik")
        front = self.behind()
        own = '{"code":"store_unavailable","detail":"x","status":503}'
        for harm in ("refuse", "hold", Foreign(503, {**OURS, "retry-after": "9"}, own), Foreign(200, {}, "{}"), Foreign(204)):
            front.harm = lambda sent: harm
            for page in ("/whoami", "/put?a=1", "/log_out"):
                with self.within(front, 0.4):
                    answer = browser.get(page)
                self.assertEqual((answer.status_code, len(answer.cookies)), (503, 0), (harm, page))
                self.assertTrue(int(answer["retry-after"]) >= 1)
        front.harm = lambda sent: None if sent.method == "GET" else "refuse"
        with self.within(front, 2):
            answer = browser.get("/put?a=1")
        self.assertEqual((answer.status_code, len(answer.cookies)), (503, 0))
        front.harm = lambda sent: None
        self.assertEqual(browser.get("/whoami").content, b"henrik")
        self.assertNotIn("a", browser.get("/show").json())

    def test_a_lost_answer_is_asked_for_again(self):
        front = self.behind()
        browser = Browser()
        front.harm_first(lambda sent: sent.method == "POST", "lose")
        browser.get("/put?a=1")
        front.harm_first(lambda sent: sent.method == "PATCH", "lose")
        self.assertEqual(browser.get("/put?a=2").status_code, 200)
        self.assertEqual(browser.get("/show").json(), {"a": "2"})
        front.harm_first(lambda sent: sent.path.endswith("/rotate"), "lose", None, "break")
        browser.get("/log_in?name=henrik")
        self.assertEqual(browser.get("/whoami").content, b"henrik")


class AConsumer(ServiceTest):
    """A WebSocket consumer of plain ASGI, as of Channels, that reads, writes and follows the visitor's settings."""

    def test_it_finds_the_visitor_and_both_hear_of_each_other(self):
        browser = Browser()
        browser.get("/put?name=henrik")
        cookie = f"a=b; sessionid={browser.cookies['sessionid'].value}".encode()
        scope = {"type": "websocket", "headers": [(b"host", b"x"), (b"cookie", cookie)]}

        async def consume():
            session = engine.visitor(scope)
            told = []
            async for event in engine.feed().changes(session.id):
                told.append(event)
                if event.settings.get("name") == "henrik":
                    await session.set("name", "hanna")
                else:
                    break
            await engine.feed().aclose()
            await engine.async_client().aclose()
            return told

        told = asyncio.run(consume())
        self.assertEqual([event.settings["name"] for event in told], ["henrik", "hanna"])
        self.assertEqual(browser.get("/show").json(), {"name": "hanna"})
        for cookie in (b"", b"sessionid=1", f"sessionid={new_id()}".encode()):
            self.assertIsNone(engine.visitor({"headers": [(b"cookie", cookie)]}))


if __name__ == "__main__":
    unittest.main()
