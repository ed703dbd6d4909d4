"""A chat that knows your name: in its very first render, after a reload and a restart of the browser, in a second tab at once."""

import asyncio
import hashlib
import json
import os
from pathlib import Path

import django
import uvicorn
from django.conf import settings
from django.core.asgi import get_asgi_application
from django.http import HttpResponse
from django.shortcuts import render
from django.urls import path

HERE = Path(__file__).parent
PORT = int(os.environ.get("PORT", "4000"))
KEY = Path(os.environ["COATCHECK_API_KEY_FILE"]).read_text().split()[-1]

settings.configure(
    SESSION_ENGINE="coatcheck.django",
    COATCHECK={"URL": os.environ["COATCHECK_URL"], "API_KEY": KEY},
    MIDDLEWARE=["coatcheck.django.SessionMiddleware"],
    SESSION_COOKIE_AGE=400 * 24 * 60 * 60,
    SECRET_KEY=hashlib.sha256(f"cookies of the chat {KEY}".encode()).hexdigest(),
    ALLOWED_HOSTS=["127.0.0.1", "localhost"],
    ROOT_URLCONF=__name__,
    TEMPLATES=[{"BACKEND": "django.template.backends.django.DjangoTemplates", "DIRS": [HERE]}],
)
django.setup()

from coatcheck import CoatcheckError, Ended  # noqa: E402
from coatcheck.django import feed, visitor  # noqa: E402

said, tabs = [], set()


def page(request):
    name = request.session.get("username", "")
    if request.session.id is None:
        request.session.create()  # so that the socket of this page finds it
    return render(request, "page.html", {"name": name, "said": said})


def style(_request):
    return HttpResponse((HERE / "../live/style.css").read_text(), content_type="text/css")


urlpatterns = [path("", page), path("style.css", style)]
pages = get_asgi_application()


async def live(scope, receive, send):
    """The socket behind the page. It cannot write Django's cookie, and need not."""
    session = visitor(scope)
    headers = dict(scope["headers"])
    if session is None or headers.get(b"origin") != b"http://" + headers[b"host"]:
        return await send({"type": "websocket.close", "code": 1008})

    async def tell(**news):
        await send({"type": "websocket.send", "text": json.dumps(news)})

    async def follow():
        async for event in feed().changes(session.id):
            if isinstance(event, Ended):
                await tell(reload=True)
            elif hasattr(event, "settings"):
                await tell(username=event.settings.get("username", ""), revision=event.revision)

    await receive()
    await send({"type": "websocket.accept"})
    following = asyncio.ensure_future(follow())
    tabs.add(tell)
    try:
        while (message := await receive())["type"] == "websocket.receive":
            asked = json.loads(message["text"])
            if "username" in asked:
                try:
                    written = await session.patch({"username": str(asked["username"])[:40]})
                    await tell(saved=int(written.etag.split("-")[0]))
                except CoatcheckError as error:
                    is_over = not error.is_temporary
                    await tell(error=f"Your name is not kept: {error}", again=not is_over, refused=is_over)
            elif "text" in asked:
                by = await session.get("username") or "stranger"
                said[:] = [*said, (by, str(asked["text"])[:500])][-50:]
                await asyncio.gather(*(tab(said=said[-1]) for tab in tabs), return_exceptions=True)
    finally:
        tabs.discard(tell)
        following.cancel()


async def application(scope, receive, send):
    await (live if scope["type"] == "websocket" else pages)(scope, receive, send)


if __name__ == "__main__":
    uvicorn.run(application, host="127.0.0.1", port=PORT, log_level="warning", lifespan="off")
