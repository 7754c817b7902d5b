"""Commands as bytes and back, for the journal.

A command is one JSON array: the name of what is to be done, then its fields in a frozen order. Text that no database
could hold is cleaned here as it would be on its way into the file, so that a command that comes back from the journal
does exactly what it would have done at once. Large binary values (weights) follow the JSON as they are.

    form u8 | length of the JSON u32 | JSON | binary value        form 0 as it is, 1 compressed by zlib
"""

from __future__ import annotations

import json
import struct
import zlib
from collections.abc import Callable
from typing import Any, Final

from app.errors import StoreError
from app.store.rows import event_codec
from app.store.values import commands
from app.store.values.forget_request import Forget
from app.store.values.records import (
    ChatMessage,
    KeptSum,
    NewAction,
    NewPrediction,
    NewTrainingRun,
    PredictionScore,
    SessionRecord,
    ThinnedDay,
)
from collectors.events import Event

COMPRESS_FROM_BYTES: Final = 512
MAX_BYTES: Final = 1 << 30
"""What one command may take unpacked; a damaged length must not eat the machine."""
_AS_IS: Final = 0
_COMPRESSED: Final = 1
_LEVEL: Final = 1
_HEAD: Final = struct.Struct("<I")
_DUMP: Final = json.JSONEncoder(separators=(",", ":"), check_circular=False).encode


def encode(command: commands.Command) -> bytes:
    """A command as bytes.

    Raises:
        StoreError: if an event cannot be stored at all (a kind its source does not have).
    """
    fields, blob = _fields(command)
    text = _DUMP(fields).encode("ascii")
    plain = _HEAD.pack(len(text)) + text + blob
    if len(plain) >= COMPRESS_FROM_BYTES:
        packed = zlib.compress(plain, _LEVEL)
        if len(packed) < len(plain):
            return bytes((_COMPRESSED,)) + packed
    return bytes((_AS_IS,)) + plain


def decode(content: bytes) -> commands.Command:
    """The command that `encode` was given.

    Raises:
        StoreError: if a later version of the program wrote it, or it is damaged.
    """
    try:
        plain = content[1:]
        if content[0] == _COMPRESSED:
            plain = zlib.decompressobj().decompress(plain, MAX_BYTES)
        (length,) = _HEAD.unpack_from(plain)
        end = _HEAD.size + length
        name, *fields = json.loads(plain[_HEAD.size : end])
        return _READ[name](fields, plain[end:])
    except (ValueError, KeyError, TypeError, IndexError, struct.error, zlib.error) as error:
        raise StoreError(
            f"A command in the journal is not understood ({type(error).__name__}).", "Start the newer version."
        ) from error


def _fields(command: commands.Command) -> tuple[list[Any], bytes]:  # noqa: C901, PLR0911, PLR0912  # one line a command
    match command:
        case commands.Append(actions):
            return ["append", [_action_fields(action) for action in actions]], b""
        case commands.Extend(action_id, duration_us):
            return ["extend", action_id, duration_us], b""
        case commands.SavePrediction(made):
            ranked = [[event_codec.storable(action), *rest] for action, *rest in made.ranked]
            return ["predict", made.made_us, event_codec.storable(made.after_action), ranked, made.weights_run], b""
        case commands.ScorePrediction(score):
            names = [score.prediction_id, event_codec.storable(score.truth), score.truth_us]
            return ["score", *names, score.rank, score.probability, score.baseline_ranks], b""
        case commands.SaveTrainingRun(run):
            return ["train", run.started_us, run.report_json, run.active], run.weights
        case commands.UseTrainingRun(run_id):
            return ["use", run_id], b""
        case commands.PutSetting(name, json_text):
            return ["setting", name, json_text], b""
        case commands.NewChat(ts_us):
            return ["chat", ts_us], b""
        case commands.AddChatMessage(said):
            return ["message", said.chat_id, said.ts_us, said.author, said.text, said.answer_json], b""
        case commands.ReplaceSessions(lo_us, hi_us, sessions):
            rows = [[each.start_us, each.end_us, each.ended_by, each.actions] for each in sessions]
            return ["sessions", lo_us, hi_us, rows], b""
        case commands.BringBack(days, sums):
            return ["bring back", [[each.day, each.seed, each.seen, each.kept] for each in days], _sums(sums)], b""
        case commands.BeginForgetting(request, asked_us):
            return ["forget", request.to_json(), asked_us], b""
        case commands.Audit(ts_us, what):
            return ["audit", ts_us, what], b""


def _action_fields(action: NewAction) -> list[Any]:
    event = action.event
    return [
        event.ts_us,
        event_codec.code_of(event.source, event.kind),
        _clean(event.app),
        _clean(event.target),
        _clean(event.title),
        event.duration_us,
        event.utc_offset_s,
        event_codec.encode_detail(event),
        event.origin_key,
        _clean(action.token),
        _clean(action.site),
        _clean(action.project),
    ]


def _clean(text: str | None) -> str | None:
    return None if text is None else event_codec.storable(text)


def _action(fields: list[Any]) -> NewAction:
    ts_us, code, app, target, title, duration_us, utc_offset_s, detail_text, origin_key, *labels = fields
    source, kind = event_codec.pair_of(code)
    detail = None if detail_text is None else event_codec.decode_detail(source, kind, detail_text)
    event = Event(ts_us, source, kind, app, target, title, duration_us, utc_offset_s, detail, origin_key)
    return NewAction(event, *labels)


def _append(fields: list[Any], _blob: bytes) -> commands.Command:
    (rows,) = fields
    return commands.Append(tuple(_action(row) for row in rows))


def _predict(fields: list[Any], _blob: bytes) -> commands.Command:
    made_us, after_action, rows, weights_run = fields
    ranked = tuple((action, probability, reward) for action, probability, reward in rows)
    return commands.SavePrediction(NewPrediction(made_us, after_action, ranked, weights_run))


def _score(fields: list[Any], _blob: bytes) -> commands.Command:
    prediction_id, truth, truth_us, rank, probability, rows = fields
    baseline_ranks = tuple((name, placed) for name, placed in rows)
    return commands.ScorePrediction(PredictionScore(prediction_id, truth, truth_us, rank, probability, baseline_ranks))


def _train(fields: list[Any], blob: bytes) -> commands.Command:
    started_us, report_json, active = fields
    return commands.SaveTrainingRun(NewTrainingRun(started_us, report_json, blob, active))


def _sessions(fields: list[Any], _blob: bytes) -> commands.Command:
    lo_us, hi_us, rows = fields
    return commands.ReplaceSessions(lo_us, hi_us, tuple(SessionRecord(*row) for row in rows))


def _sums(sums: tuple[KeptSum, ...]) -> list[Any]:
    return [
        [
            each.local_hour,
            each.utc_offset_s,
            event_codec.code_of(each.source, each.kind),
            _clean(each.app),
            _clean(each.site),
            _clean(each.project),
            *each.sums,
        ]
        for each in sums
    ]


def _bring_back(fields: list[Any], _blob: bytes) -> commands.Command:
    days, rows = fields
    sums = []
    for local_hour, utc_offset_s, code, app, site, project, *numbers in rows:
        source, kind = event_codec.pair_of(code)
        sums.append(KeptSum(local_hour, utc_offset_s, source, kind, app, site, project, tuple(numbers)))
    return commands.BringBack(tuple(ThinnedDay(*day) for day in days), tuple(sums))


_READ: Final[dict[str, Callable[[list[Any], bytes], commands.Command]]] = {
    "append": _append,
    "extend": lambda fields, _: commands.Extend(*fields),
    "predict": _predict,
    "score": _score,
    "train": _train,
    "use": lambda fields, _: commands.UseTrainingRun(*fields),
    "setting": lambda fields, _: commands.PutSetting(*fields),
    "chat": lambda fields, _: commands.NewChat(*fields),
    "message": lambda fields, _: commands.AddChatMessage(ChatMessage(*fields)),
    "sessions": _sessions,
    "bring back": _bring_back,
    "forget": lambda fields, _: commands.BeginForgetting(Forget.from_json(fields[0]), fields[1]),
    "audit": lambda fields, _: commands.Audit(*fields),
}
