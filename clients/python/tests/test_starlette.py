"""Starlette's session in Coatcheck, in requests and in a WebSocket."""

import threading
import unittest

from front import KEY, OURS, URL, Foreign, Front, ServiceTest, new_id
from starlette.applications import Starlette
from starlette.responses import JSONResponse, PlainTextResponse, StreamingResponse
from starlette.routing import Route, WebSocketRoute
from starlette.testclient import TestClient
from starlette.websockets import WebSocketDisconnect

import coatcheck
from coatcheck.starlette import SessionMiddleware

#: What happens in the middle of a request.
meanwhile = []


async def put(request):
    for work in meanwhile:
        work(request.session.id)
    for key, value in request.query_params.items():
        if value:
            request.session[key] = value
        else:
            request.session.pop(key, None)
    return PlainTextResponse("put")


async def show(request):
    return JSONResponse({"settings": request.session, "subject": request.session.subject, "id": request.session.id})


async def log_in(request):
    await request.session.log_in(request.query_params["name"])
    request.session["greeting"] = "Welcome"
    return PlainTextResponse("in")


async def log_out(request):
    await request.session.log_out()
    return PlainTextResponse("out")


async def stream(request):
    request.session["streamed"] = True
    return StreamingResponse(iter(["a", "b"]))


async def live(websocket):
    session = websocket.session
    await websocket.accept()
    await websocket.send_json(session)
    if session.id is None:
        return await websocket.close()
    async for event in session.changes():
        if isinstance(event, coatcheck.Ended):
            await websocket.send_json(event.reason)
            return await websocket.close()
        await websocket.send_json(event.settings)
        if "name" in event.settings and "seen" not in event.settings:
            await session.handle.increment("seen")


def app(url=URL, **options):
    made = Starlette(
        routes=[*(Route(f"/{view.__name__}", view, methods=["GET", "POST"]) for view in (put, show, log_in, log_out, stream))]
        + [WebSocketRoute("/live", live)]
    )
    made.add_middleware(SessionMiddleware, url=url, api_key=KEY, secret_key="secret", secure=False, **options)
    return made


class AVisitor(ServiceTest):
    def setUp(self):
        meanwhile.clear()
        self.addCleanup(meanwhile.clear)
        self.client = self.open()

    def browser(self, site=None):
        browser = TestClient(site or app())
        browser.__enter__()
        self.addCleanup(browser.__exit__, None, None, None)
        return browser

    def behind(self):
        front = Front(self)
        return front, self.browser(app(front.url, timeout=20))

    def test_a_new_visitor_costs_no_call_until_something_is_put(self):
        front, browser = self.behind()
        answer = browser.get("/show")
        self.assertEqual((answer.json()["settings"], front.sent, dict(answer.cookies)), ({}, [], {}))
        answer = browser.get("/put?a=1")
        self.assertIn("HttpOnly", answer.headers["set-cookie"])
        self.assertIn("SameSite=lax", answer.headers["set-cookie"])
        front.sent.clear()
        answer = browser.get("/show")
        self.assertEqual((answer.json()["settings"], len(front.sent)), ({"a": "1"}, 1))
        self.assertNotIn("set-cookie", answer.headers)
        self.assertIn("Cookie", answer.headers["vary"])
        self.assertIn("Secure", SessionMiddleware(None, url=URL, api_key=KEY, secret_key="s")._attributes)

    def test_requests_that_overlap_lose_nothing_of_each_others(self):
        browser = self.browser()
        browser.get("/put?a=1&b=1&c=1")
        meanwhile.append(lambda id: self.client.session(id).patch({"b": "2", "c": None, "d": "2"}))
        browser.get("/put?a=3&e=3")
        meanwhile.clear()
        self.assertEqual(browser.get("/show").json()["settings"], {"a": "3", "b": "2", "d": "2", "e": "3"})
        browser.get("/stream")
        self.assertTrue(browser.get("/show").json()["settings"]["streamed"])

    def test_a_login_moves_and_binds_and_a_logout_ends(self):
        site = app()
        browser, sibling = self.browser(site), self.browser(site)
        browser.get("/put?cart=tea")
        before = browser.get("/show").json()["id"]
        sibling.cookies.update(browser.cookies)
        browser.get("/log_in?name=henrik")
        after = browser.get("/show").json()
        self.assertEqual((after["subject"], after["settings"]), ("henrik", {"cart": "tea", "greeting": "Welcome"}))
        self.assertNotEqual(after["id"], before)
        # The answer with the new cookie may be on its way to this tab.
        page = sibling.get("/show", headers={"accept": "text/html"})
        self.assertEqual((page.status_code, page.headers["refresh"], "set-cookie" in page.headers), (200, "1", False))
        self.assertEqual(sibling.post("/put?a=1", headers={"accept": "text/html"}).status_code, 409)
        browser.get("/log_out")
        self.assertEqual(self.refused("session_gone", self.client.session(after["id"]).view).reason, "deleted")
        self.assertEqual(browser.get("/show").json(), {"settings": {}, "subject": None, "id": None})
        new = self.browser()
        new.get("/log_in?name=hanna")
        self.assertEqual(new.get("/show").json()["subject"], "hanna", "also of somebody new")

    def test_a_late_request_brings_back_no_session_that_was_ended(self):
        browser = self.browser()
        browser.get("/put?a=1")
        meanwhile.append(lambda id: self.client.session(id).end())
        self.assertEqual(browser.get("/put?a=2").status_code, 409)
        meanwhile.clear()
        answer = browser.get("/show")
        self.assertEqual(answer.json()["settings"], {})
        self.assertIn("Max-Age=0", answer.headers["set-cookie"])

    def test_a_cookie_that_nobody_has_signed_is_not_taken_over(self):
        browser = self.browser()
        browser.get("/put?a=1")
        id = browser.get("/show").json()["id"]
        for value in (id, f"{id}.forged", "", "x", f"{new_id()}."):
            answer = self.browser().get("/show", headers={"cookie": f"session={value}"})
            self.assertEqual(answer.json()["settings"], {}, value)
        old = app()
        value = f"session={browser.cookies['session']}"
        made = Starlette(routes=[Route("/show", show)])
        made.add_middleware(SessionMiddleware, url=URL, api_key=KEY, secret_key=["new", "secret"], secure=False)
        answer = self.browser(made).get("/show", headers={"cookie": value})
        self.assertEqual(answer.json()["settings"], {"a": "1"}, "an older secret is good")
        self.assertIn("set-cookie", answer.headers, "and the newest signs it again")
        self.assertIsNot(old, made)

    def test_an_outage_is_503_and_logs_nobody_out(self):
        front, browser = self.behind()
        browser.get("/log_in?name=henrik")
        own = '{"code":"store_unavailable","detail":"x","status":503}'
        hasty, brisk = self.browser(app(front.url, timeout=0.4)), self.browser(app(front.url, timeout=2))
        for one in (hasty, brisk):
            one.cookies.update(browser.cookies)
        for harm in ("refuse", "hold", Foreign(503, {**OURS, "retry-after": "9"}, own), Foreign(200, {}, "{}"), Foreign(204)):
            front.harm = lambda sent: harm
            answer = hasty.get("/put?a=1")
            self.assertEqual((answer.status_code, "set-cookie" in answer.headers), (503, False), harm)
            with self.assertRaises(WebSocketDisconnect) as caught:
                with hasty.websocket_connect("/live"):
                    pass
            self.assertEqual(caught.exception.code, 1013)
        front.harm = lambda sent: None if sent.method == "GET" else "refuse"
        answer = brisk.get("/put?a=1")
        self.assertEqual((answer.status_code, answer.text[:12]), (503, "The sessions"))
        front.harm_first(lambda sent: sent.method == "PATCH", "lose")
        self.assertEqual(browser.get("/put?a=2").status_code, 200)
        self.assertEqual(browser.get("/show").json()["settings"]["a"], "2")

    def test_a_websocket_reads_writes_and_follows_the_visitors_session(self):
        browser = self.browser()
        with browser.websocket_connect("/live") as socket:
            self.assertEqual(socket.receive_json(), {}, "a new visitor has none")
        browser.get("/put?theme=dark")
        with browser.websocket_connect("/live") as socket:
            self.assertEqual(socket.receive_json(), {"theme": "dark"})
            self.assertEqual(socket.receive_json(), {"theme": "dark"})
            browser.get("/put?name=henrik")
            self.assertEqual(socket.receive_json(), {"theme": "dark", "name": "henrik"})
            self.assertEqual(socket.receive_json(), {"theme": "dark", "name": "henrik", "seen": 1})
            self.assertEqual(browser.get("/show").json()["settings"]["seen"], 1)
            browser.get("/log_out")
            self.assertEqual(socket.receive_json(), "deleted")

    def test_many_requests_at_once_keep_what_each_has_put(self):
        site = app()
        browser = self.browser(site)
        browser.get("/put?first=1")
        threads = [threading.Thread(target=browser.get, args=(f"/put?k{n}=1",)) for n in range(12)]
        for one in threads:
            one.start()
        for one in threads:
            one.join(30)
        self.assertEqual(len(browser.get("/show").json()["settings"]), 13)


if __name__ == "__main__":
    unittest.main()
