"""What the tests stand on: the running service, a front before it that harms calls, and both clients in one form."""

from __future__ import annotations

import asyncio
import os
import queue
import socket
import threading
import time
import unittest
import uuid
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from http.client import HTTPConnection
from typing import Any, Callable, Dict, List, NamedTuple, Optional
from urllib.parse import urlsplit

import coatcheck

URL = os.environ["COATCHECK_URL"]
KEY = os.environ["COATCHECK_API_KEY"]
OURS = {"coatcheck-version": "1"}


def new_id() -> str:
    return str(uuid.uuid4())


def until(condition: Callable[[], Any], what: str, seconds: float = 30) -> Any:
    """Looks again and again, and fails with its name when the time is over."""
    end = time.monotonic() + seconds
    while True:
        value = condition()
        if value:
            return value
        if time.monotonic() > end:
            raise AssertionError(f"It did not come about that {what}.")
        time.sleep(0.01)


class Sent(NamedTuple):
    method: str
    path: str
    headers: Dict[str, str]
    body: str


class Foreign(NamedTuple):
    """An answer in the service's place."""

    status: int
    headers: Dict[str, str] = {}
    body: str = ""
    #: So many bytes more than that are announced.
    missing: int = 0


class Front:
    """Stands between a client and the service. ``harm`` is asked of each request what is done to it.

    None hands it on. ``lose`` has the service do it and loses the answer; ``break`` breaks it off; ``hold`` answers nothing;
    ``drip`` sends the body byte by byte, ``drip head`` the headers without an end; ``refuse`` closes the line. A :class:`Foreign` answers in the service's place.
    """

    def __init__(self, test: unittest.TestCase) -> None:
        self.sent: List[Sent] = []
        self.harm: Callable[[Sent], Any] = lambda sent: None
        self._lines: List[socket.socket] = []
        self._over = threading.Event()
        front = self

        class Handler(BaseHTTPRequestHandler):
            protocol_version = "HTTP/1.1"

            def log_message(self, *_args: Any) -> None:
                pass

            def __getattr__(self, name: str) -> Any:
                if name.startswith("do_"):
                    return lambda: front._handle(self)
                raise AttributeError(name)

        class Server(ThreadingHTTPServer):
            daemon_threads = True
            request_queue_size = 64

            def handle_error(self, *_args: Any) -> None:
                pass

        self._server = Server(("127.0.0.1", 0), Handler)
        self.url = f"http://127.0.0.1:{self._server.server_address[1]}"
        threading.Thread(target=self._server.serve_forever, kwargs={"poll_interval": 0.05}, daemon=True).start()
        test.addCleanup(self._end)

    def harm_first(self, is_such: Callable[[Sent], bool], *harms: Any) -> None:
        left = list(harms)
        self.harm = lambda sent: left.pop(0) if left and is_such(sent) else None

    def cut(self) -> None:
        """Cuts every line that is open."""
        lines, self._lines = self._lines, []
        for line in lines:
            try:
                line.shutdown(socket.SHUT_RDWR)
            except OSError:
                pass

    def _end(self) -> None:
        self._over.set()
        self.cut()
        self._server.shutdown()
        self._server.server_close()

    def _handle(self, handler: BaseHTTPRequestHandler) -> None:
        self._lines.append(handler.connection)
        body = handler.rfile.read(int(handler.headers.get("content-length", 0)))
        headers = {name.lower(): value for name, value in handler.headers.items()}
        sent = Sent(handler.command, handler.path, headers, body.decode())
        self.sent.append(sent)
        harm = self.harm(sent)
        if harm == "hold":
            self._over.wait(60)
        elif harm == "drip head":
            self._drip(handler)
        elif isinstance(harm, Foreign):
            self._answer(handler, harm)
        elif harm != "refuse":
            self._pass(handler, sent, harm)
        is_whole = harm is None or (isinstance(harm, Foreign) and not harm.missing)
        handler.close_connection = handler.close_connection or not is_whole

    def _drip(self, handler: BaseHTTPRequestHandler) -> None:
        handler.wfile.write(b"HTTP/1.1 200 OK\r\nX-Long: ")
        while not self._over.wait(0.05):
            handler.wfile.write(b"x")

    def _answer(self, handler: BaseHTTPRequestHandler, foreign: Foreign) -> None:
        content = foreign.body.encode()
        handler.send_response_only(foreign.status)
        for name, value in foreign.headers.items():
            handler.send_header(name, value)
        handler.send_header("content-length", str(len(content) + foreign.missing))
        handler.end_headers()
        handler.wfile.write(content)

    def _pass(self, handler: BaseHTTPRequestHandler, sent: Sent, harm: Optional[str]) -> None:
        to = urlsplit(URL)
        onward = HTTPConnection(str(to.hostname), to.port)
        headers = {name: value for name, value in sent.headers.items() if name != "connection"}
        onward.request(sent.method, sent.path, sent.body.encode() or None, headers)
        answer = onward.getresponse()
        is_stream = answer.headers.get("content-length") is None and answer.status != 204
        content = b"" if is_stream else answer.read()
        if harm == "lose":
            onward.close()
            return
        handler.send_response_only(answer.status)
        for name, value in answer.headers.items():
            if name.lower() not in ("transfer-encoding", "content-length", "connection"):
                handler.send_header(name, value)
        if is_stream:
            handler.close_connection = True
        elif answer.status != 204:
            handler.send_header("content-length", str(len(content) + (100 if harm == "break" else 0)))
        elif harm == "break":
            handler.send_header("content-length", "100")
        handler.end_headers()
        for at in range(len(content)) if harm == "drip" else ():
            handler.wfile.write(content[at : at + 1])
            handler.wfile.flush()
            if self._over.wait(0.05):
                break
        if harm != "drip":
            handler.wfile.write(content)
        if is_stream:
            threading.Thread(target=self._stop, args=(handler, onward), daemon=True).start()
            while True:
                piece = answer.read1(65536)
                if not piece:
                    break
                handler.wfile.write(piece)
        onward.close()

    def _stop(self, handler: BaseHTTPRequestHandler, onward: HTTPConnection) -> None:
        """The reader is gone: so is the line onward."""
        try:
            handler.connection.recv(1)
        except OSError:
            pass
        try:
            onward.sock.shutdown(socket.SHUT_RDWR)
        except (OSError, AttributeError):
            pass


class _Loop:
    """An event loop in a thread of its own, on which both clients look the same to a test."""

    def __init__(self) -> None:
        self.loop = asyncio.new_event_loop()
        threading.Thread(target=self.loop.run_forever, daemon=True).start()

    def wait(self, work: Any) -> Any:
        return asyncio.run_coroutine_threadsafe(work, self.loop).result(90)


class Blocking:
    """An object of the asyncio client, whose calls block as those of the other one do."""

    _shared: Optional[_Loop] = None

    def __init__(self, inner: Any) -> None:
        Blocking._shared = Blocking._shared or _Loop()
        self._inner = inner
        self._on = Blocking._shared

    def __getattr__(self, name: str) -> Any:
        if name == "close":
            name = "aclose"
        member = getattr(self._inner, name)
        if not callable(member):
            return member

        def call(*args: Any, **options: Any) -> Any:
            made = member(*args, **options)
            if asyncio.iscoroutine(made):
                return self._on.wait(made)
            return self._told(made) if hasattr(made, "__aiter__") else Blocking(made)

        return call

    def _told(self, made: Any) -> Any:
        try:
            while True:
                try:
                    yield self._on.wait(made.__anext__())
                except StopAsyncIteration:
                    return
        finally:
            self._on.wait(made.aclose())


class ServiceTest(unittest.TestCase):
    """A test of a client against the service."""

    is_async = False

    def open(self, url: str = URL, credential: Any = KEY, **options: Any) -> Any:
        kind: Any = coatcheck.AsyncClient if self.is_async else coatcheck.Client
        made = kind(url, credential, **options)
        client = Blocking(made) if self.is_async else made
        self.addCleanup(client.close)
        return client

    def asking(self, function: Callable[[], Any]) -> Any:
        """A function that gets a credential, as the client asks for one."""

        async def asked() -> Any:
            return await asyncio.get_running_loop().run_in_executor(None, function)

        return asked if self.is_async else function

    def unanswered(self, work: Callable[[], Any]) -> coatcheck.CoatcheckError:
        """What a call raises that is repeated until its time is over, which may be in the middle of a try."""
        with self.assertRaises(coatcheck.CoatcheckError) as caught:
            work()
        self.assertIn(caught.exception.code, ("unreachable", "deadline_exceeded"))
        return caught.exception

    def refused(self, code: str, work: Callable[[], Any]) -> coatcheck.CoatcheckError:
        """What the call raises."""
        with self.assertRaises(coatcheck.CoatcheckError) as caught:
            work()
        self.assertEqual(caught.exception.code, code, caught.exception)
        self.assertNotIn(KEY, f"{caught.exception!r} {caught.exception.__dict__}")
        return caught.exception


class Gathered:
    """Takes what comes of a stream in a thread, and says how it ended."""

    def __init__(self, stream: Any) -> None:
        self.events: List[Any] = []
        self._over: "queue.Queue[Any]" = queue.Queue()
        threading.Thread(target=self._gather, args=(stream,), daemon=True).start()

    def _gather(self, stream: Any) -> None:
        try:
            for event in stream:
                self.events.append(event)
            self._over.put("done")
        except Exception as error:
            self._over.put(error)

    def over(self) -> Any:
        return self._over.get(timeout=60)

    def holds(self, settings: Dict[str, Any]) -> None:
        """Waits until this is what it knows."""

        def known() -> bool:
            told = [event for event in self.events if hasattr(event, "settings")]
            return bool(told) and told[-1].settings == settings

        until(known, f"{settings} is told, and not {self.events[-1:]}")
