"""The whole program, as it runs on a desktop, with a real browser next to it."""

from __future__ import annotations

import json
import re
from pathlib import Path

from app.paths import from_environment
from app.services.access.unlock import Credentials, first_start
from tests.desktop.running import PASSPHRASE, Running, home, running, until
from tests.extensions.browsing import Browser, Pages


def seen(program: Running) -> int:
    """How many events the status counts for the browser's sense."""
    return next(sense["events"] for sense in program.ask("status")["sources"] if sense["name"] == "browser")


def test_a_code_from_the_command_line_pairs_a_browser_whose_pages_are_then_in_an_export(
    browser: Browser, pages: Pages, tmp_path: Path
) -> None:
    person = tmp_path / "person"
    person.mkdir()
    environ = home(person) | {"QT_QPA_PLATFORM": "offscreen"}
    paths = from_environment(environ)
    paths.create()
    first_start(paths, Credentials(passphrase=PASSPHRASE, use_secret_service=False)).store.close()
    with running(environ, "--headless") as program:
        program.ask("consent", grant=["browser"], revoke=[])
        until(lambda: program.sensing("browser"), "the browser's sense is on")
        offered = program.cli("token", "pair", "--json")
        assert offered.returncode == 0, offered.stderr
        port = re.search(r"listens at http://127\.0\.0\.1:(\d+)", program.output.read_text())
        assert port is not None
        assert browser.pair(json.loads(offered.stdout)["code"], int(port[1])).startswith("Paired.")
        page = browser.context.new_page()
        page.goto(pages.url("whole.example", "/program"))
        until(lambda: seen(program) > 0, "the status counts it")
        page.close()
        [visit] = [row for row in program.rows() if row["kind"] == "visit"]
        assert (visit["source"], visit["app"]) == ("browser", "chromium")
        assert visit["target"].endswith("/program")
