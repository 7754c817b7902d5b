"""The arguments of each command, as the command line and the control socket send them.

They come from outside: msgspec checks names and types before anything runs, and says what is wrong.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any, Final, Generic, TypeVar

import msgspec

from app.errors import KnownError
from app.services.maintenance.export import Format
from app.store.values.forget_request import Forget

HITS: Final = 50

Report = Callable[[Mapping[str, Any]], None]
"""Takes progress, JSON-able; it raises `app.services.backend.Cancelled` once nobody waits for the command."""


class Request(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """The arguments of a command that takes none, and the base of all others."""


class ActivityWatch(Request, frozen=True):
    """`action`: status, on, off, read-on or read-off."""

    action: str


class Ask(Request, frozen=True):
    """`question`: in English."""

    question: str


class Backup(Request, frozen=True):
    """`only_list`: make none."""

    only_list: bool = False


class Cleanup(Request, frozen=True):
    """`keep_days`: stay whole; `dry_run`: count alone, and change nothing."""

    keep_days: int
    dry_run: bool


class Consent(Request, frozen=True):
    """Names of collectors to switch on and off."""

    grant: tuple[str, ...]
    revoke: tuple[str, ...]


class Export(Request, frozen=True):
    """`path`: of the new file; `force`: overwrite an existing one."""

    path: str
    format: Format = Format.JSON_LINES
    force: bool = False


class ForgetFields(Request, frozen=True):
    """The fields of a `Forget`."""

    since_us: int | None = None
    until_us: int | None = None
    app: str | None = None
    site: str | None = None
    project: str | None = None
    text: str | None = None
    actions: tuple[tuple[int, int], ...] = ()

    def to_forget(self) -> Forget:
        """Return what is meant.

        Raises:
            KnownError: if nothing is named, or the range is empty.
        """
        return Forget(**msgspec.structs.asdict(self))


class ForgetRequest(Request, frozen=True):
    """`dry_run`: count alone, and change nothing."""

    request: ForgetFields
    dry_run: bool


class Import(Request, frozen=True):
    """`source`: the name of a history, or "all"; `path`: of one file, None for all that are found."""

    source: str
    path: str | None = None


class Log(Request, frozen=True):
    """`events`: as they come over the wire; each is checked by itself."""

    events: list[Any]


class Pause(Request, frozen=True):
    """`seconds`: None until resumed."""

    seconds: int | None


class Search(Request, frozen=True):
    """`limit`: how many hits at the most; `chat`: search the conversations instead of the actions."""

    text: str
    limit: int = HITS
    chat: bool = False


class Token(Request, frozen=True):
    """`action`: create, list, revoke or pair; `name`: of the client; `full`: the token may also read."""

    action: str
    name: str | None = None
    full: bool = False


class Train(Request, frozen=True):
    """`device`: "auto", "cpu" or "cuda"; `seed`: of the random numbers."""

    device: str = "auto"
    seed: int = 0


class Unlock(Request, frozen=True):
    """`passphrase`: None to ask the keyring."""

    passphrase: str | None = None


class Verify(Request, frozen=True):
    """`repair`: mend what can be mended, and check again."""

    repair: bool = False


AnyRequest = TypeVar("AnyRequest", bound=Request)


@dataclass(frozen=True, slots=True)
class Command(Generic[AnyRequest]):
    """A command: the type of its arguments, and what runs it. The result is JSON-able."""

    request: type[AnyRequest]
    run: Callable[[AnyRequest, Report], Any]

    def __call__(self, name: str, arguments: Mapping[str, Any], report: Report) -> Any:
        """Check the arguments, and run it.

        Args:
            name: for the message.
            arguments: by name, not checked yet.
            report: takes progress.

        Raises:
            KnownError: if an argument is missing, unknown or of the wrong type, or the command cannot be carried out.
        """
        try:
            request = msgspec.convert(dict(arguments), self.request)
        except msgspec.ValidationError as error:
            raise KnownError(
                f"The command {name} does not take these arguments ({error}).", "See: kryptic --help"
            ) from error
        return self.run(request, report)


def silent(request: type[AnyRequest], run: Callable[[AnyRequest], Any]) -> Command[AnyRequest]:
    """Make a command that reports no progress."""
    return Command(request, lambda arguments, _report: run(arguments))
