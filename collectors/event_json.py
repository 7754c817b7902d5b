"""How an event looks on the wire: JSON, one object an event, the same for every client and for what is written out.

It is what `kryptic log`, `POST /api/log-action` and the extensions send. An unknown field is an error that names it.
"""

from __future__ import annotations

import dataclasses
import math
from collections.abc import Mapping
from dataclasses import dataclass
from enum import StrEnum
from typing import Any, Final, TypeVar, get_args, get_type_hints

from collectors.events import (
    KINDS_OF,
    MAX_DURATION_US,
    MAX_TS_US,
    Detail,
    Event,
    EventKind,
    Source,
    clean_text,
    local_offset_s,
)

_E = TypeVar("_E", bound=StrEnum)
_WIRE_FIELDS: Final = ("ts_us", "source", "kind", "app", "target", "title", "duration_us", "utc_offset_s", "detail")
_WIRE_NAMES: Final = frozenset(_WIRE_FIELDS)
_SOURCES: Final = {source.value: source for source in Source}
_KINDS: Final = {source: {kind.value: kind for kind in kinds} for source, kinds in KINDS_OF.items()}


class EventError(ValueError):
    """A wire event that cannot be taken; the message names the field and what would be right."""


def from_wire(raw: object) -> Event:
    """Read one event from parsed JSON.

    Args:
        raw: the parsed object; `ts_us`, `source` and `kind` are required.

    Raises:
        EventError: naming the first field that is missing, unknown or out of range, with the known names.
    """
    if not isinstance(raw, dict):
        raise EventError(f"an event is a JSON object, not {type(raw).__name__}")
    if not raw.keys() <= _WIRE_NAMES:
        unknown = sorted(str(name) for name in raw.keys() - _WIRE_NAMES)
        raise EventError(f"unknown field {unknown[0]!r}; known are {', '.join(_WIRE_FIELDS)}")
    ts_us = _integer(raw, "ts_us", 0, MAX_TS_US)
    if ts_us is None:
        raise EventError("ts_us is missing: microseconds since the epoch, UTC")
    source = _member(raw, "source", _SOURCES)
    kind = _member(raw, "kind", _KINDS[source])
    offset_s = _integer(raw, "utc_offset_s", -86_400, 86_400)
    return Event(
        ts_us=ts_us,
        source=source,
        kind=kind,
        app=_text(raw, "app"),
        target=_text(raw, "target"),
        title=_text(raw, "title"),
        duration_us=_integer(raw, "duration_us", 0, MAX_DURATION_US),
        utc_offset_s=local_offset_s(ts_us) if offset_s is None else offset_s,
        detail=_detail(KINDS_OF[source][kind], raw.get("detail")),
    )


def to_wire(event: Event) -> dict[str, Any]:
    """The JSON object of an event; `from_wire` reads it back equal, but for `origin_key`, which never leaves."""
    wire: dict[str, Any] = {name: getattr(event, name) for name in _WIRE_FIELDS if name != "detail"}
    wire["detail"] = None if event.detail is None else dataclasses.asdict(event.detail)
    return wire


def detail_from_fields(source: Source, kind: EventKind, fields: Mapping[str, Any]) -> Detail:
    """The typed detail of a kind from its fields, as they were written by `dataclasses.asdict`.

    Args:
        source: of the event.
        kind: of the event.
        fields: of the detail, by name.

    Raises:
        EventError: if a field is unknown or of the wrong type.
    """
    detail = _detail(KINDS_OF[source][kind], dict(fields))
    if detail is None:
        raise EventError("detail has no fields")
    return detail


def _member(raw: Mapping[str, Any], name: str, known: Mapping[str, _E]) -> _E:
    value = raw.get(name)
    member = known.get(value) if isinstance(value, str) else None
    if member is None:
        raise EventError(f"unknown {name} {value!r}; known are {', '.join(known)}")
    return member


def _integer(raw: Mapping[str, Any], name: str, low: int, high: int) -> int | None:
    value = raw.get(name)
    if value is None:
        return None
    if isinstance(value, bool) or not isinstance(value, int):
        raise EventError(f"{name} is an integer, not {type(value).__name__}")
    if not low <= value <= high:
        raise EventError(f"{name} lies between {low} and {high}, not at {value}")
    return value


def _text(raw: Mapping[str, Any], name: str) -> str | None:
    value = raw.get(name)
    if value is None:
        return None
    if not isinstance(value, str):
        raise EventError(f"{name} is a string or null, not {type(value).__name__}")
    return clean_text(value)


@dataclass(frozen=True, slots=True)
class _Fields:
    """The fields of a kind of detail: the types each may have, and those that must be there."""

    types: Mapping[str, tuple[type, ...]]
    required: tuple[str, ...]


def _fields_of(kind: type[Detail]) -> _Fields:
    fields = dataclasses.fields(kind)
    hints = get_type_hints(kind)
    return _Fields(
        {field.name: get_args(hints[field.name]) or (hints[field.name],) for field in fields},
        tuple(field.name for field in fields if field.default is dataclasses.MISSING),
    )


# Read once: reading type hints takes longer than all else of an event.
_FIELDS_OF: Final = {kind: _fields_of(kind) for kinds in KINDS_OF.values() for kind in kinds.values()}


def _detail(kind: type[Detail], raw: object) -> Detail | None:
    if raw is None or raw == {}:
        return None
    if not isinstance(raw, dict):
        raise EventError(f"detail is an object or null, not {type(raw).__name__}")
    fields = _FIELDS_OF[kind]
    if not raw.keys() <= fields.types.keys():
        unknown = sorted(str(name) for name in raw.keys() - fields.types.keys())
        raise EventError(f"unknown field {f'detail.{unknown[0]}'!r}; known are {', '.join(fields.types)}")
    for name in fields.required:
        if raw.get(name) is None:
            raise EventError(f"detail.{name} is missing")
    return kind(**{name: _detail_value(name, fields.types[name], value) for name, value in raw.items()})


def _detail_value(name: str, allowed: tuple[type, ...], value: object) -> Any:
    if value is None and type(None) in allowed:
        return None
    if isinstance(value, str) and str in allowed:
        return clean_text(value)
    if isinstance(value, bool):
        if bool in allowed:
            return value
    elif isinstance(value, int) and (int in allowed or float in allowed):
        if abs(value) >= 2**63:
            raise EventError(f"detail.{name} is out of range")
        return value if int in allowed else float(value)
    elif isinstance(value, float) and float in allowed and math.isfinite(value):
        return value
    names = " or ".join("null" if part is type(None) else part.__name__ for part in allowed)
    raise EventError(f"detail.{name} is {names}, not {type(value).__name__}")
