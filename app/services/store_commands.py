"""The commands that are about the store itself: finding, cleaning up, taking out."""

from __future__ import annotations

import json
import os
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any, Final, TextIO

from app.errors import KnownError
from app.services.core import Core
from app.services.plain import plain
from app.services.settled import settled
from app.store.forget_values import Forget
from app.store.records import CleanupReport

Report = Callable[[Mapping[str, Any]], None]
HITS: Final = 50
MOST_HITS: Final = 1_000
ROWS_A_REPORT: Final = 10_000


class StoreCommands:
    """Every `do_NAME` is the command NAME; see `app.services.commands`.

    Args:
        core: the services.
    """

    def __init__(self, core: Core) -> None:
        self._core = core

    def do_search(self, report: Report, text: str, limit: int = HITS, *, chat: bool = False) -> Any:  # noqa: ARG002
        """`kryptic search`: actions, or the conversations."""
        if limit > MOST_HITS:
            raise KnownError(
                f"A search shows at most {MOST_HITS} hits.", "Narrow it down; kryptic export writes everything."
            )
        with self._core.store.reader() as reader:
            return [plain(hit) for hit in (reader.search_chat if chat else reader.search)(text, limit)]

    def do_verify(self, report: Report) -> Any:
        """`kryptic verify`: everything that can be asked of the file; it only reads, and ends where the client goes."""

        def tell(part: str, done: int, total: int) -> None:
            report({"stage": part, "done": done, "total": total})

        with self._core.store.reader() as reader:
            return plain(reader.verify(self._core.now_us(), tell))

    def do_cleanup(self, report: Report, keep_days: int, dry_run: bool) -> Any:
        """`kryptic cleanup`; it stops, with what was done kept, where the client goes away."""
        return plain(clean_up(self._core, keep_days, dry_run=dry_run, wanted=lambda: report({})))

    def do_forget(self, report: Report, request: dict[str, Any], dry_run: bool) -> Any:  # noqa: ARG002
        """`kryptic forget`: it goes to its end even where the client goes away; half forgotten is not forgotten."""
        meant = Forget(**request)
        forgetter = self._core.forgetter
        return plain(forgetter.preview(meant) if dry_run else forgetter.forget(meant))

    def do_export(self, report: Report, path: str) -> Any:
        """`kryptic export`: every user table as JSON lines, in clear, closed to other users; an existing file stays."""
        try:
            with _create_private(Path(path)) as file:
                rows = self._write_rows(file, report)
        except FileExistsError as error:
            raise KnownError(f"{path} exists and was left alone.", "Name a file that does not exist yet.") from error
        except OSError as error:
            raise KnownError(f"{path} could not be written ({error.strerror}).", "Name another place.") from error
        settled(self._core.store, self._core.store.audit(self._core.now_us(), f"export of {rows} rows"))
        return {"path": path, "rows": rows}

    def _write_rows(self, file: TextIO, report: Report) -> int:
        rows = 0
        try:
            with self._core.store.reader() as reader:
                for row in reader.export():
                    file.write(json.dumps(row, ensure_ascii=False) + "\n")
                    rows += 1
                    if rows % ROWS_A_REPORT == 0:
                        report({"rows": rows})
            file.flush()
        except BaseException:
            Path(file.name).unlink(missing_ok=True)  # half an export would pass for a whole one
            raise
        return rows


def clean_up(core: Core, keep_days: int, *, dry_run: bool, wanted: Callable[[], None] | None = None) -> CleanupReport:
    """Thin out old actions, or say what that would do.

    Raises:
        KnownError: where so many days cannot be kept.
    """
    if keep_days < 1:
        raise KnownError(f"{keep_days} days cannot be kept.", "Give at least one day.")
    return core.hygiene.cleanup(keep_days, dry_run=dry_run, wanted=wanted)


def _create_private(path: Path) -> TextIO:
    # Path.open takes no opener, and without one the file would be open to others for a moment.
    return open(path, "x", encoding="utf-8", opener=lambda name, flags: os.open(name, flags, 0o600))
