"""The commands that are about the store itself: finding, cleaning up, taking out."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from functools import partial
from pathlib import Path
from typing import Any, Final

from app.errors import DamagedError, KnownError
from app.services.commands import requests
from app.services.commands.json_values import to_json_values
from app.services.commands.requests import Command, Report, silent
from app.services.core import Core
from app.services.maintenance.export import export
from app.services.wait_for_commit import wait_for_commit
from app.store.integrity.full_check import VerifyReport
from app.store.integrity.quick_check import Part
from app.store.sqlite.errors import RESTORE
from app.store.store import Store
from app.store.values.records import CleanupReport

MOST_HITS: Final = 1_000


class StoreCommands:
    """The commands on the store itself; see `app.services.commands.dispatch`.

    Args:
        core: the services.
    """

    def __init__(self, core: Core) -> None:
        self._core = core

    def table(self) -> Mapping[str, Command[Any]]:
        """Return the commands by name."""
        return {
            "search": silent(requests.Search, self._search),
            "verify": Command(requests.Verify, self._verify),
            "backup": Command(requests.Backup, self._backup),
            "cleanup": Command(requests.Cleanup, self._cleanup),
            "forget": silent(requests.ForgetRequest, self._forget),
            "export": Command(requests.Export, self._export),
        }

    def _search(self, request: requests.Search) -> Any:
        if request.limit > MOST_HITS:
            raise KnownError(
                f"A search shows at most {MOST_HITS} hits.", "Narrow it down; kryptic export writes everything."
            )
        with self._core.store.reader() as reader:
            search = reader.search_chat if request.chat else reader.search
            return to_json_values(search(request.text, request.limit))

    def _verify(self, request: requests.Verify, report: Report) -> Any:
        """Check the whole file; it ends if the client goes."""

        def tell(part: str, done: int, total: int) -> None:
            report({"stage": part, "done": done, "total": total})

        core = self._core
        with core.store.reader() as reader:
            found = reader.verify(core.now_us(), tell)
        if not (request.repair and found.problems):
            return {**to_json_values(found), "mended": []}
        repairs = mend(core.store, found)
        note = f"verify: {len(found.problems)} problems; {' '.join(repairs)}"
        wait_for_commit(core.store, core.store.audit(core.now_us(), note))
        with core.store.reader() as reader:
            return {**to_json_values(reader.verify(core.now_us(), tell)), "mended": list(repairs)}

    def _backup(self, request: requests.Backup, report: Report) -> Any:
        """Make a backup while the store is in use, and list what there is."""
        store = self._core.store
        if not request.only_list:

            def tell(done: int, total: int) -> None:
                report({"stage": "Copying, pages", "done": done, "total": total})

            self._core.observer.flush()
            info = store.backup(progress=tell)
            wait_for_commit(store, store.audit(self._core.now_us(), f"backup of {info.size_bytes} bytes"))
        return {
            "made": not request.only_list,
            "journal_bytes": store.journal_bytes(),
            "backups": [{**to_json_values(info), "path": str(info.path)} for info in store.backups()],
        }

    def _cleanup(self, request: requests.Cleanup, report: Report) -> Any:
        """Thin old actions; it stops, with what was done kept, if the client goes away."""
        report_nothing = partial(report, {})
        return to_json_values(
            clean_up(self._core, request.keep_days, dry_run=request.dry_run, check_cancelled=report_nothing)
        )

    def _forget(self, request: requests.ForgetRequest) -> Any:
        """Forget; it goes to its end even if the client goes away: half forgotten is not forgotten."""
        meant = request.request.to_forget()
        forgetter = self._core.forgetter
        return to_json_values(forgetter.preview(meant) if request.dry_run else forgetter.forget(meant))

    def _export(self, request: requests.Export, report: Report) -> Any:
        """Write everything in clear as JSON lines, or the actions as ActivityWatch takes them in."""
        store, path = self._core.store, Path(request.path)
        rows = export(store, path, request.format, force=request.force, progress=lambda count: report({"rows": count}))
        wait_for_commit(store, store.audit(self._core.now_us(), f"export of {rows} rows"))
        return {"path": request.path, "rows": rows}


def mend(store: Store, found: VerifyReport) -> tuple[str, ...]:
    """Mend what a check found: a damaged file from a backup and the journal, what follows from the actions from them.

    Returns:
        What was done, a sentence each.
    """
    broken = [problem for problem in found.problems if problem.part in (Part.SEALS, Part.PAGES)]
    if broken:
        repaired = store.rebuild(DamagedError(broken[0].text, RESTORE))
        # What else was found is of the file that was replaced.
        return () if repaired is None else (str(repaired),)
    return wait_for_commit(store, store.mend(found))


def clean_up(
    core: Core, keep_days: int, *, dry_run: bool, check_cancelled: Callable[[], None] | None = None
) -> CleanupReport:
    """Thin out old actions, or say what that would do.

    Args:
        core: the services.
        keep_days: how many days stay whole.
        dry_run: count alone, and change nothing.
        check_cancelled: called now and then; what it raises ends the clean-up.

    Raises:
        KnownError: if so many days cannot be kept.
    """
    if keep_days < 1:
        raise KnownError(f"{keep_days} days cannot be kept.", "Give at least one day.")
    return core.hygiene.cleanup(keep_days, dry_run=dry_run, check_cancelled=check_cancelled)
