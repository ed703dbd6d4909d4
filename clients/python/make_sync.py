"""Makes ``client.py`` and ``session.py`` of their asyncio twins, so that the two cannot drift apart.

``python3 make_sync.py`` writes them; with ``--check`` it fails if they are not fresh.
"""

import re
import sys
from pathlib import Path

HERE = Path(__file__).parent / "src" / "coatcheck"
FILES = {"async_client.py": "client.py", "async_session.py": "session.py"}
WORDS = [
    (r"\bawait ", ""),
    (r"\basync (def|for|with)\b", r"\1"),
    (r"AsyncGenerator\[", "Generator["),
    (r"\bGenerator\[(\w+), None\]", r"Generator[\1, None, None]"),
    (r"\bAsyncGenerator\b", "Generator"),
    (r"Union\[None, Values, Awaitable\[Optional\[Values\]\]\]", "Optional[Values]"),
    (r"Awaitable, ", ""),
    (r"httpx\.Async", "httpx."),
    (r"_async_runner", "_sync_runner"),
    (r"\basync_(client|session|feed)\b", r"\1"),
    (r"\bAsync(Client|Session|Feed|Runner|Credential)\b", r"\1"),
    (r"__a(enter|exit)__", r"__\1__"),
    (r"\baclose\b", "close"),
]
HEAD = "# Made of {source} by make_sync.py: change that one.\n"


def sync_of(name: str) -> str:
    text = (HERE / name).read_text()
    for pattern, word in WORDS:
        text = re.sub(pattern, word, text)
    return HEAD.format(source=name) + text


stale = [target for source, target in FILES.items() if not (HERE / target).exists() or (HERE / target).read_text() != sync_of(source)]
if "--check" in sys.argv:
    sys.exit(f"Not fresh: {', '.join(stale)}. Run clients/python/make_sync.py." if stale else 0)
for source, target in FILES.items():
    (HERE / target).write_text(sync_of(source))
