"""The code of docs/frameworks/python.md, run as a reader would."""

import os
import re
import subprocess
import sys
import tempfile
import unittest
from pathlib import Path

import coatcheck
from front import KEY, URL

PAGE = Path(os.environ.get("COATCHECK_DOCS") or Path(__file__).parents[3] / "docs") / "frameworks/python.md"
BLOCK = re.compile(r"^(?:<!-- (\w+) (\S+) -->\n)?```(\w+)\n(.*?)^```$", re.M | re.S)
BASE = """
import os
SECRET_KEY = "the secret of the tests"
ALLOWED_HOSTS = ["testserver"]
ROOT_URLCONF = "mysite.urls"
USE_TZ = True
INSTALLED_APPS = ["django.contrib.auth", "django.contrib.contenttypes"]
DATABASES = {"default": {"ENGINE": "django.db.backends.sqlite3", "NAME": ":memory:"}}
DEFAULT_AUTO_FIELD = "django.db.models.AutoField"
"""
URLS = """
from django.urls import path
from mysite import views
urlpatterns = [path("", views.page), path("everywhere", views.everywhere)]
"""
DJANGO = """
import asyncio, django, json, secrets
django.setup()
from django.core.management import call_command
call_command("migrate", run_syncdb=True, verbosity=0)
from asgiref.testing import ApplicationCommunicator
from django.contrib.auth import get_user_model
from django.test import Client
from mysite.consumers import Live
user = get_user_model().objects.create_user(username="henrik", id=secrets.randbits(48))
browser = Client()
print(browser.get("/").content.decode())
print(browser.get("/").content.decode())
cookie = f"sessionid={browser.cookies['sessionid'].value}".encode()

async def visit(*headers):
    scope = {"type": "websocket", "path": "/live", "headers": headers, "subprotocols": []}
    page = ApplicationCommunicator(Live.as_asgi(), scope)
    await page.send_input({"type": "websocket.connect"})
    print((await page.receive_output(timeout=30))["type"])
    if headers:
        print((await page.receive_output(timeout=30))["text"])
        await page.send_input({"type": "websocket.receive", "text": json.dumps({"theme": "dark"})})
        print((await page.receive_output(timeout=30))["text"])
        await page.send_input({"type": "websocket.disconnect", "code": 1000})
        await page.wait()

asyncio.run(visit((b"cookie", cookie)))
asyncio.run(visit())
print(browser.get("/").content.decode())
browser.force_login(user)
print(browser.get("/everywhere").content.decode())
print(browser.get("/").content.decode())
"""
SHOP = """
from shop import app
from starlette.testclient import TestClient
with TestClient(app) as browser:
    print(browser.get("/").text)
    print(browser.post("/login").text)
    print(browser.get("/").text)
    with browser.websocket_connect("/live") as socket:
        print(socket.receive_json())
"""
FAST = """
from fast import app
from starlette.testclient import TestClient
with TestClient(app) as browser:
    print(browser.put("/theme/dark").json())
    with browser.websocket_connect("/live") as socket:
        socket.send_json("light")
        print(socket.receive_json())
    print(browser.put("/theme/light").headers.get("set-cookie"))
"""


class ThePage(unittest.TestCase):
    def setUp(self):
        folder = tempfile.TemporaryDirectory()
        self.addCleanup(folder.cleanup)
        self.home = Path(folder.name)
        (self.home / "mysite").mkdir()
        self.blocks = [found.groups() for found in BLOCK.finditer(PAGE.read_text())]
        for _, name, _, text in self.blocks:
            if name:
                (self.home / name).write_text(text.replace("http://127.0.0.1:3000", URL))

    def run_it(self, *args, **env):
        path = os.pathsep.join([str(self.home), str(Path(coatcheck.__file__).resolve().parents[1])])
        given = {**os.environ, "PYTHONPATH": path, "COATCHECK_API_KEY": KEY, "SECRET_KEY": "a secret", **env}
        ran = subprocess.run(
            [sys.executable, "-W", "ignore", *args], cwd=self.home, env=given, capture_output=True, text=True, timeout=60
        )
        self.assertEqual(ran.returncode, 0, ran.stderr)
        return ran.stdout

    def test_every_block_of_python_says_how_it_is_run(self):
        ways = [how for how, _, language, _ in self.blocks if language == "python"]
        self.assertEqual(ways, ["run", "run", "file", "file", "file", "app", "app"])

    def test_the_programs_print_what_the_page_says(self):
        for at, (how, name, _, _) in enumerate(self.blocks):
            if how == "run":
                self.assertEqual(self.run_it(name), self.blocks[at + 1][3], name)

    def test_the_site_in_django(self):
        settings = self.home / "mysite/settings.py"
        settings.write_text(BASE + settings.read_text())
        (self.home / "mysite/urls.py").write_text(URLS)
        said = self.run_it("-c", DJANGO, DJANGO_SETTINGS_MODULE="mysite.settings").splitlines()
        self.assertEqual(said[:3], ["visit 1, light", "visit 2, light", "websocket.accept"])
        self.assertEqual(said[3:5], ['{"visits": 2}', '{"visits": 2, "theme": "dark"}'])
        self.assertEqual(said[5:], ["websocket.close", "visit 3, dark", "1 sessions are over", "visit 1, light"])

    def test_the_app_in_starlette(self):
        said = self.run_it("-c", SHOP).splitlines()
        self.assertEqual(said, ["None, visit 1", "hello", "user-42, visit 2", "{'visits': 2}"])

    def test_the_app_in_fastapi(self):
        said = self.run_it("-c", FAST).splitlines()
        self.assertEqual(said, ["{'theme': 'dark'}", "{'theme': 'light'}", "None"])


if __name__ == "__main__":
    unittest.main()
