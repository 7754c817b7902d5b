"""The commands that are about the store itself: finding, cleaning up, taking out."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any, Final

from app.errors import DamagedError, KnownError
from app.services.commands.json_values import to_json_values
from app.services.core import Core
from app.services.maintenance.export import Format, export
from app.services.wait_for_commit import wait_for_commit
from app.store.integrity.full_check import VerifyReport
from app.store.integrity.quick_check import Part
from app.store.sqlite.errors import RESTORE
from app.store.store import Store
from app.store.values.forget_request import Forget
from app.store.values.records import CleanupReport

Report = Callable[[Mapping[str, Any]], None]
HITS: Final = 50
MOST_HITS: Final = 1_000


class StoreCommands:
    """Every `do_NAME` is the command NAME; see `app.services.commands.dispatch`.

    Args:
        core: the services.
    """

    def __init__(self, core: Core) -> None:
        self._core = core

    def do_search(self, report: Report, text: str, limit: int = HITS, *, chat: bool = False) -> Any:  # noqa: ARG002
        """`kryptic search`: actions, or the conversations.

        Args:
            report: takes progress; not used.
            text: words to find.
            limit: how many hits at the most.
            chat: search the conversations instead of the actions.

        Raises:
            KnownError: if the limit is too high.
        """
        if limit > MOST_HITS:
            raise KnownError(
                f"A search shows at most {MOST_HITS} hits.", "Narrow it down; kryptic export writes everything."
            )
        with self._core.store.reader() as reader:
            return [to_json_values(hit) for hit in (reader.search_chat if chat else reader.search)(text, limit)]

    def do_verify(self, report: Report, repair: bool = False) -> Any:
        """`kryptic verify`: everything that can be asked of the file; it ends if the client goes.

        Args:
            report: takes the progress.
            repair: mend what can be mended, and ask again; without it the store is only read.
        """

        def tell(part: str, done: int, total: int) -> None:
            report({"stage": part, "done": done, "total": total})

        core = self._core
        with core.store.reader() as reader:
            found = reader.verify(core.now_us(), tell)
        if not (repair and found.problems):
            return {**to_json_values(found), "mended": []}
        repairs = mend(core.store, found)
        note = f"verify: {len(found.problems)} problems; {' '.join(repairs)}"
        wait_for_commit(core.store, core.store.audit(core.now_us(), note))
        with core.store.reader() as reader:
            return {**to_json_values(reader.verify(core.now_us(), tell)), "mended": list(repairs)}

    def do_backup(self, report: Report, only_list: bool = False) -> Any:
        """`kryptic backup`: make one while the store is in use, and list what there is."""
        store = self._core.store
        if not only_list:

            def tell(done: int, total: int) -> None:
                report({"stage": "Copying, pages", "done": done, "total": total})

            self._core.observer.flush()
            info = store.backup(progress=tell)
            wait_for_commit(store, store.audit(self._core.now_us(), f"backup of {info.size_bytes} bytes"))
        return {
            "made": not only_list,
            "journal_bytes": store.journal_bytes(),
            "backups": [{**to_json_values(info), "path": str(info.path)} for info in store.backups()],
        }

    def do_cleanup(self, report: Report, keep_days: int, dry_run: bool) -> Any:
        """`kryptic cleanup`; it stops, with what was done kept, if the client goes away.

        Args:
            report: takes progress; raises if the client goes away.
            keep_days: how many days stay whole.
            dry_run: count alone, and change nothing.
        """
        return to_json_values(clean_up(self._core, keep_days, dry_run=dry_run, wanted=lambda: report({})))

    def do_forget(self, report: Report, request: dict[str, Any], dry_run: bool) -> Any:  # noqa: ARG002
        """`kryptic forget`: it goes to its end even if the client goes away; half forgotten is not forgotten.

        Args:
            report: takes progress; not used.
            request: the fields of a `Forget`.
            dry_run: count alone, and change nothing.
        """
        meant = Forget(**request)
        forgetter = self._core.forgetter
        return to_json_values(forgetter.preview(meant) if dry_run else forgetter.forget(meant))

    def do_export(self, report: Report, path: str, format: str = Format.JSON_LINES, force: bool = False) -> Any:  # noqa: A002
        """`kryptic export`, in clear: everything as JSON lines, or the actions as ActivityWatch takes them in.

        Args:
            report: takes progress.
            path: of the new file.
            format: one of `Format`.
            force: overwrite an existing file.
        """
        rows = export(self._core.store, Path(path), Format(format), force=force, progress=lambda n: report({"rows": n}))
        wait_for_commit(self._core.store, self._core.store.audit(self._core.now_us(), f"export of {rows} rows"))
        return {"path": path, "rows": rows}


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


def clean_up(core: Core, keep_days: int, *, dry_run: bool, wanted: Callable[[], None] | None = None) -> CleanupReport:
    """Thin out old actions, or say what that would do.

    Args:
        core: the services.
        keep_days: how many days stay whole.
        dry_run: count alone, and change nothing.
        wanted: called now and then; what it raises ends the clean-up.

    Raises:
        KnownError: if so many days cannot be kept.
    """
    if keep_days < 1:
        raise KnownError(f"{keep_days} days cannot be kept.", "Give at least one day.")
    return core.hygiene.cleanup(keep_days, dry_run=dry_run, wanted=wanted)
