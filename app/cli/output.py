"""Results of commands as text for a terminal."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from datetime import UTC, datetime
from typing import Any, Final, TextIO

from app.services.maintenance.forget_receipt import receipt_lines
from app.settings import PAUSED_UNTIL_RESUMED
from app.system.terminal import recovery_code
from collectors.events import US_PER_S
from neural.language.formatting import tokens_said

_BAR_CHARS: Final = 24


def render(name: str, result: Any) -> str:
    """A command's result as lines of text.

    Args:
        name: the command.
        result: what it returned, JSON-able.
    """
    return "".join(f"{line}\n" for line in _RENDERERS[name](result))


def progress(stream: TextIO, *, quiet: bool) -> Callable[[Mapping[str, Any]], None]:
    """A receiver of progress that keeps one line of a terminal up to date; silent if there is no terminal."""
    if quiet or not stream.isatty():
        return lambda _values: None

    def show(values: Mapping[str, Any]) -> None:
        if "stage" in values:
            loss = "" if values.get("loss_nats") is None else f", {values['loss_nats']:.3f} nats"
            stream.write(f"\r\x1b[K{values['stage']}: {values['done']} of {values['total']}{loss}")
        elif "rows" in values:
            stream.write(f"\r\x1b[K{values['rows']} rows")
        elif "read" in values:
            end = "\n" if values["done"] else ""
            stream.write(f"\r\x1b[K{values['source']}: {values['read']} read, {values['stored']} stored{end}")
        stream.flush()

    return show


def _keys(result: Mapping[str, Any]) -> list[str]:
    ways = [word for word, on in (("passphrase", result["passphrase"]), ("keyring", result["keyring"])) if on]
    lines = [result["done"]] if result["done"] else []
    lines.append(f"opens the store: {', '.join([*ways, 'recovery code'])}")
    if not result["recovery_code_confirmed"]:
        lines.append("You have not confirmed your recovery code. kryptic recovery-code makes a new one.")
    return lines


def _rotate_key(result: Mapping[str, Any]) -> list[str]:
    lines = ["The store is under a new key; what opened it opens it still, but for the recovery code."]
    lines += recovery_code(result["recovery_code"]).splitlines()
    return lines + ([result["left_over"]] if result["left_over"] else [])


def _status(result: Mapping[str, Any]) -> list[str]:
    if "sources" not in result:
        return [str(result["message"])]
    lines = [
        f"{result['recording']}; {result['actions']} actions, {result['store_bytes'] / 1e6:.1f} MB, {result['model']}"
    ]
    until = result["paused_until_us"]
    if result["recording"] == "paused" and until < PAUSED_UNTIL_RESUMED:
        lines.append(f"paused until {_local_time(until)}")
    for source in result["sources"]:
        consent = "" if source["consented"] else " (no consent)"
        reason = f": {source['reason']} {source['remedy']}".rstrip() if source["reason"] else ""
        lines.append(f"  {source['name']:<12} {source['state']}{consent}{reason}")
    return lines


def _doctor(result: list[Mapping[str, Any]]) -> list[str]:
    return [
        f"{'yes' if each['works'] else 'no':<4}{each['part']:<9} {each['name']:<15} "
        f"{each['reason'].rstrip('.')}. {each['remedy']}".rstrip(" ")
        for each in result
    ]


def _import(result: list[Mapping[str, Any]]) -> list[str]:
    lines = []
    for each in result:
        dropped = sum(each["dropped"].values())
        lines.append(
            f"{each['source']}: {each['read']} read, {each['stored']} stored, {each['duplicates']} there already, "
            f"{dropped} dropped, {each['redacted']} secrets redacted, {each['rejected']} unreadable"
        )
        lines += [f"  {problem}" for problem in each["problems"]]
    return lines or ["Nothing was imported."]


def _log(result: Mapping[str, Any]) -> list[str]:
    dropped = ", ".join(f"{number} {reason}" for reason, number in result["dropped"].items())
    lines = [f"{result['stored']} stored, {result['duplicates']} there already, {result['noise']} noise"]
    return lines + ([f"dropped: {dropped}"] if dropped else [])


def _train(result: Mapping[str, Any]) -> list[str]:
    baselines = ", ".join(f"{name} {rate:.1%}" for name, rate in result["baselines"].items())
    return [
        f"{result['decisions']} actions learned from on {result['device']} in {result['seconds']:.1f} s",
        f"latest fifth: right at once {result['tail_top1']:.1%}, among five {result['tail_top5']:.1%}",
        f"{result['tail_nats']:.3f} nats an action there",
        f"compared with: {baselines}",
        _verdict(result),
    ]


def _verdict(result: Mapping[str, Any]) -> str:
    if result["running_nats"] is None:
        return "in use from now on"
    nats = f"{result['judged_nats']:.3f} against {result['running_nats']:.3f} nats"
    figures = f"{nats} on the latest {result['judged_decisions']}"
    if result["promoted"]:
        return f"in use from now on: better than what ran before, {figures}"
    return f"not in use: no better than what runs already, {figures}"


def _next(result: list[Mapping[str, Any]]) -> list[str]:
    if not result:
        return ["Nothing has been seen yet. Import a history, or let it record for a while."]
    return [
        f"{each['probability']:6.1%} {'━' * round(each['probability'] * _BAR_CHARS):<{_BAR_CHARS}} "
        f"{each['action']}  {tokens_said(each['because'])}"
        for each in result
    ]


def _ask(result: Mapping[str, Any]) -> list[str]:
    lines = [result["text"]]
    chart = result["chart"]
    if chart and chart["kind"] == "bars":
        lines += ["", f"{chart['title']} ({chart['unit']})"]
        for series in chart["series"]:
            top = max((abs(value) for value in series["y"]), default=0) or 1
            for name, value in zip(series["labels"], series["y"], strict=True):
                lines.append(f"  {name[:24]:<24} {'━' * round(_BAR_CHARS * abs(value) / top):<{_BAR_CHARS}} {value:g}")
    return lines


def _search(result: list[Mapping[str, Any]]) -> list[str]:
    if not result:
        return ["Nothing found."]
    if "message" in result[0]:
        return [
            f"{_local_time(each['message']['ts_us'])}  {each['message']['author']:<16} {each['snippet']}"
            for each in result
        ]
    return [f"{_local_time(each['ts_us'])}  {each['app'] or each['source']:<16} {each['snippet']}" for each in result]


_VERIFY_REMEDY: Final = (
    "kryptic verify --repair mends what the file itself still tells: words, counts, sums; a damaged file from a backup."
    " Names and texts that are lost come back, if at all, with an older copy: kryptic restore."
)


def _verify(result: Mapping[str, Any]) -> list[str]:
    problems = [f"{each['part']}: {each['text']}" for each in result["problems"]]
    sound = "The store is sound" if not problems else "The store is not sound"
    checked = f"{sound}: {', '.join(result['parts'])} of {result['actions']} actions, {result['seconds']:.1f} s."
    return [*result["mended"], *problems, *result["notes"], checked, *([] if not problems else [_VERIFY_REMEDY])]


def _backup(result: Mapping[str, Any]) -> list[str]:
    if not result["backups"]:
        return ["There is no backup yet. Make one: kryptic backup"]
    lines = [
        f"{_local_time(each['made_us'])}  {each['size_bytes'] / 1e6:8.1f} MB  {each['path']}"
        for each in result["backups"]
    ]
    return [*lines, f"The journal has what came after them, {result['journal_bytes'] / 1e6:.1f} MB."]


def _cleanup(result: Mapping[str, Any]) -> list[str]:
    verb = "would be removed" if result["dry_run"] else "removed"
    if result["cancelled"]:
        return [f"{result['actions_removed']} of {result['actions_before']} actions {verb}, then stopped"]
    return [
        f"{result['actions_removed']} of {result['actions_before']} actions {verb}",
        f"{result['actions_sampled']} older than {result['keep_days']} days stay as a sample",
    ]


def _export(result: Mapping[str, Any]) -> list[str]:
    return [f"{result['rows']} rows written to {result['path']}, readable by anyone who has the file"]


def _wipe(result: Mapping[str, Any]) -> list[str]:
    key = "The key is destroyed" if result["key_files"] else "There was no key any more"
    keyring = {"removed": "; the keyring's part of it is removed", "none": ""}.get(result["keyring"])
    lines = [f"{key}{keyring if keyring is not None else ''}."]
    if keyring is None:
        lines.append(f"The keyring's part stays, and opens nothing any more: {result['keyring']}")
    if not result["ended"]:
        lines.append("The running program does not end. Stop it, then say kryptic wipe again to sweep up after it.")
    lines += [f"Could not be removed, and cannot be read any more: {path}" for path in result["left"]]
    return lines


def _consent(result: Mapping[str, Any]) -> list[str]:
    granted = ", ".join(result["consent"]) or "none"
    return [f"may record: {granted}", f"there are: {', '.join(result['known'])}"]


def _token(result: Mapping[str, Any]) -> list[str]:
    lines = []
    if "token" in result:
        lines = [f"Token, shown this once: {result['token']}"]
    if "code" in result:
        minutes = round(result["valid_s"] / 60)
        lines = [f"Pairing code, for one extension within {minutes} minutes: {result['code']}"]
    for each in result["clients"]:
        rights = "sends, reads, cleans up" if each["scope"] == "full" else "sends events"
        lines.append(f"{each['name']:<24} {rights}, since {_local_time(each['created_us'])}")
    return lines or ["No client has a token."]


def _activitywatch(result: Mapping[str, Any]) -> list[str]:
    if not result["watchers"]:
        return ["Off: ActivityWatch's watchers are not let in. No port is open for them."]
    where = f"on port {result['port']}" if result["port"] else "on port 5600, as soon as the program runs and has it"
    lines = [
        f"On: your own programs may send what ActivityWatch's watchers see {where}, without a token.",
        "Other users' programs and web pages are refused. Any program of yours could send what never happened.",
    ]
    if result["reading"]:
        return [*lines, "They may read, too: windows, titles, addresses, commands, all that is stored."]
    return [*lines, "They may not read."]


def _autostart(result: Mapping[str, Any]) -> list[str]:
    return [f"{name:<8} {'starts it at login' if on else 'does not start it'}" for name, on in result.items()]


def _shell(result: Mapping[str, Any]) -> list[str]:
    lines = [f"{shell:<8} {state}" for shell, state in result.items()]
    if "installed" in result.values():
        lines.append("Shells opened from now on tell their commands, if you allow it: kryptic consent --grant terminal")
    return lines


def _pause(result: Mapping[str, Any]) -> list[str]:
    until = result["paused_until_us"]
    if until == 0:
        return ["no longer paused"]
    return ["paused until resumed" if until >= PAUSED_UNTIL_RESUMED else f"paused until {_local_time(until)}"]


def _local_time(ts_us: int) -> str:
    return datetime.fromtimestamp(ts_us / US_PER_S, tz=UTC).astimezone().strftime("%Y-%m-%d %H:%M")


_RENDERERS: Final[Mapping[str, Callable[[Any], list[str]]]] = {
    "status": _status,
    "doctor": _doctor,
    "import": _import,
    "log": _log,
    "train": _train,
    "next": _next,
    "ask": _ask,
    "search": _search,
    "cleanup": _cleanup,
    "verify": _verify,
    "backup": _backup,
    "restore": lambda result: [result["message"]],
    "export": _export,
    "forget": receipt_lines,
    "wipe": _wipe,
    "consent": _consent,
    "autostart": _autostart,
    "shell": _shell,
    "token": _token,
    "activitywatch": _activitywatch,
    "keys": _keys,
    "rotate-key": _rotate_key,
    "lock": lambda result: [result["message"]],
    "gnome": lambda result: [result["message"]],
    "vscode": lambda result: [result["message"]],
    "recovery-code": lambda result: [recovery_code(result["recovery_code"]).rstrip()],
    "pause": _pause,
    "resume": _pause,
}
