"""A real Chromium with the unpacked extension, pages for it to visit, and the program's API over a real store."""

from __future__ import annotations

import threading
from collections.abc import Iterator, Mapping
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any

from playwright.sync_api import BrowserContext, Page, Playwright, Worker

from app.api.server.local import LocalApi
from app.paths import Paths, from_environment
from app.services.commands.dispatch import Commands
from app.services.core import Core
from app.store.store import Store
from collectors.events import Event, PageDetail, Source
from tests.checkout import ROOT
from tests.desktop.programs import PATIENCE_S
from tests.desktop.running import until

EXTENSION = ROOT / "extensions" / "browser"
KEY = bytes(range(32))
PATIENCE_MS = 1_000 * PATIENCE_S
_OPTIONS = (
    "--headless=new",
    "--no-sandbox",
    "--disable-gpu",
    "--disable-quic",
    "--no-first-run",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
    "--host-resolver-rules=MAP *.example 127.0.0.1, MAP duckduckgo.com 127.0.0.1",
)
_NONSENSE = """async (times) => {
  const odd = [null, 7, "x", [], {}, { type: 9 }, { type: "focus" }, { type: "focus", focus: {} }, { type: "ready" },
    { type: "ready", title: 5 }, { type: "click", role: {}, label: [] }, { type: "scroll", percent: "NaN" },
    { type: "submit", fields: -1e99 }, { type: "edit", at: "never" }, { type: "click", label: "x".repeat(1e4) },
    { type: "__proto__" }, { type: "constructor", at: Infinity }];
  for (let n = 0; n < times; n++) {
    chrome.runtime.sendMessage(odd[n % odd.length]).catch(() => {});
  }
}"""


class Pages:
    """A web server for every host below ".example".

    Args:
        bodies: HTML by path; any other path gives a page with its own name.

    What is asked for below a path of `held` is answered once its event is set.
    """

    def __init__(self, bodies: Mapping[str, str]) -> None:
        pages = self

        class Handler(BaseHTTPRequestHandler):
            def do_GET(self) -> None:
                pages.answer(self)

            def do_POST(self) -> None:
                self.rfile.read(int(self.headers.get("Content-Length", 0)))
                pages.answer(self)

            def log_message(self, *_: object) -> None:
                """Say nothing."""

        self.bodies = dict(bodies)
        self.asked: set[str] = set()
        self.held: dict[str, threading.Event] = {}
        self._server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
        self._server.daemon_threads = True
        self._thread = threading.Thread(target=self._server.serve_forever, daemon=True)
        self._thread.start()

    def url(self, host: str, path: str = "/") -> str:
        return f"http://{host}:{self._server.server_port}{path}"

    def answer(self, request: BaseHTTPRequestHandler) -> None:
        path = request.path.partition("?")[0]
        self.asked.add(path)
        if path in self.held:
            self.held[path].wait(PATIENCE_S)
        name = path.strip("/") or "home"
        body = self.bodies.get(path, f"<h1>{name}</h1>")
        request.send_response(200)
        if path.endswith(".zip"):
            request.send_header("Content-Disposition", f"attachment; filename={name}")
        else:
            request.send_header("Content-Type", "text/html; charset=utf-8")
            body = f"<!doctype html><title>{name}</title>{body}"
        data = body.encode()
        request.send_header("Content-Length", str(len(data)))
        with suppress(ConnectionError):  # a page that was left by now takes nothing any more
            request.end_headers()
            request.wfile.write(data)

    def close(self) -> None:
        self._server.shutdown()
        self._server.server_close()


class Program:
    """The services and the local API over a store of their own."""

    def __init__(self, paths: Paths) -> None:
        self.paths = paths
        store = Store.open(paths.store, KEY) if paths.store.exists() else Store.create(paths.store, KEY)
        self.core = Core(paths, store, {})
        self.api = self._make_api(0)
        self.api.start()
        self.port = self.api.port

    def _make_api(self, port: int) -> LocalApi:
        core = self.core
        return LocalApi(Commands(core), core.tokens, core.paths.socket, port, pairing=core.pairing)

    def leave(self) -> None:
        """Listen no more, as a program that has ended."""
        self.api.stop()

    def come_back(self) -> None:
        """Listen again on the same address."""
        self.api = self._make_api(self.port)
        self.api.start()

    def events(self) -> list[Event]:
        """What the browser has reported, oldest first."""
        with self.core.store.reader() as reader:
            rows = [row.event for row in reader.timeline(0, 2**62)]
        return sorted((row for row in rows if row.source is Source.BROWSER), key=lambda event: event.ts_us)

    def close(self) -> None:
        self.api.stop()
        self.core.close()


@contextmanager
def program(root: Path) -> Iterator[Program]:
    """A program below a folder, for the length of a block; the browser's sense is on."""
    folders = {name: root / name for name in ("home", "config", "data", "state", "cache", "run")}
    for folder in folders.values():
        folder.mkdir(mode=0o700, exist_ok=True)
    environ = {"HOME": str(folders["home"]), "XDG_RUNTIME_DIR": str(folders["run"])}
    environ |= {f"XDG_{name.upper()}_HOME": str(folders[name]) for name in ("config", "data", "state", "cache")}
    paths = from_environment(environ)
    paths.create()
    made = Program(paths)
    try:
        made.core.preferences.change(consent=frozenset({Source.BROWSER}))
        yield made
    finally:
        made.close()


@dataclass
class Browser:
    """A Chromium with the extension."""

    context: BrowserContext
    worker: Worker
    paired: list[str] = field(default_factory=list)

    def own(self, page: str) -> str:
        """The address of one of the extension's own pages."""
        return f"{self.worker.url.rpartition('/')[0]}/pages/{page}"

    def pair(self, code: str, port: int) -> str:
        """Type a code into the pairing page; what the page says then."""
        page = self.context.new_page()
        page.goto(self.own("pair.html"))
        page.locator("#code").fill(code)
        page.locator("#port").fill(str(port))
        page.locator("#pair").click()
        reported = page.locator("#told")
        until(lambda: reported.inner_text() not in ("", "Pairing…"), "the pairing page tells an outcome")
        text = reported.inner_text()
        page.close()
        return text

    def tell_nonsense(self, times: int) -> None:
        """Send the background page messages as no page of the extension's own would."""
        page = self.context.new_page()
        page.goto(self.own("pair.html"))
        page.evaluate(_NONSENSE, times)
        page.close()

    def evaluate(self, script: str) -> Any:
        """Run a script in the extension's background page."""
        return self.worker.evaluate(script)


@contextmanager
def chromium(playwright: Playwright, profile: Path) -> Iterator[Browser]:
    """Chromium with a fresh profile, for the length of a block."""
    context = playwright.chromium.launch_persistent_context(
        profile,
        executable_path="/usr/bin/chromium",
        headless=False,  # "new" headless, which alone runs extensions, is asked for below
        ignore_default_args=["--disable-extensions"],
        args=[f"--disable-extensions-except={EXTENSION}", f"--load-extension={EXTENSION}", *_OPTIONS],
        accept_downloads=True,
        timeout=PATIENCE_MS,
    )
    try:
        context.set_default_timeout(PATIENCE_MS)
        worker = context.service_workers[0] if context.service_workers else context.wait_for_event("serviceworker")
        _close_what_it_opens_at_first(context)
        yield Browser(context, worker)
    finally:
        context.close()


def _close_what_it_opens_at_first(context: BrowserContext) -> None:
    """Its pairing page; one that came in the middle of a test would be the tab that is looked at."""
    opened: list[Page] = []

    def is_there() -> bool:
        context.pages[0].title()  # what the browser has to tell is heard in calls alone
        opened.extend(page for page in context.pages if page.url.endswith("/pages/pair.html"))
        return bool(opened)

    until(is_there, "the extension opens its pairing page")
    opened[0].close()


def reported(events: list[Event]) -> list[tuple[str, str]]:
    """Events as (kind, path of the page)."""
    return [(event.kind.value, path_of(event)) for event in events]


def path_of(event: Event) -> str:
    return "/" + (event.target or "").split("/", 3)[-1]


def detail_of(event: Event) -> PageDetail:
    assert isinstance(event.detail, PageDetail)
    return event.detail


def front(page: Page) -> Page:
    """Bring a tab to the front, as a click on it does."""
    page.bring_to_front()
    return page
