"""How a frozen value looks as JSON, and the JSON Schema of that: two readings of the same type hints.

A dataclass is an object; a tuple of (name, value) pairs is an object too; any other tuple is an array.
"""

from __future__ import annotations

import dataclasses
import inspect
import types
import typing
from enum import StrEnum
from typing import Any, get_args, get_origin, get_type_hints

_SCALARS: dict[object, dict[str, Any]] = {
    bool: {"type": "boolean"},
    int: {"type": "integer"},
    float: {"type": "number"},
    str: {"type": "string"},
    type(None): {"type": "null"},
}


def encode(value: Any) -> dict[str, Any]:
    """The JSON object of a dataclass instance."""
    return {name: _encode(hint, getattr(value, name)) for name, hint in _hints(type(value)).items()}


def _hints(kind: type) -> dict[str, Any]:
    found = _HINTS.get(kind)
    if found is None:
        hints = get_type_hints(kind)
        found = _HINTS[kind] = {field.name: hints[field.name] for field in dataclasses.fields(kind)}
    return found


# As many as there are kinds of answers; reading type hints takes longer than all else of an answer.
_HINTS: dict[type, dict[str, Any]] = {}


def _encode(hint: Any, value: Any) -> Any:
    if dataclasses.is_dataclass(value):
        return encode(value)
    if isinstance(value, tuple):
        item = get_args(hint)[0]
        if _is_pair(item):
            return {name: _encode(get_args(item)[1], entry) for name, entry in value}
        return [_encode(item, entry) for entry in value]
    return value


def schema(hint: Any, definitions: dict[str, Any]) -> dict[str, Any]:
    """The JSON Schema (2020-12) of a type.

    Args:
        hint: a scalar, a StrEnum, a dataclass, a tuple of one kind, or a union of these.
        definitions: takes the schema of each dataclass and enum met on the way, by name.

    Raises:
        TypeError: if the type has no JSON Schema here.
    """
    if hint in _SCALARS:
        return dict(_SCALARS[hint])
    if isinstance(hint, type) and issubclass(hint, StrEnum):
        definitions[hint.__name__] = {"type": "string", "enum": [member.value for member in hint]}
        return reference(hint.__name__)
    if isinstance(hint, type) and dataclasses.is_dataclass(hint):
        if hint.__name__ not in definitions:
            definitions[hint.__name__] = {}  # a placeholder, so that a type that holds itself ends here
            definitions[hint.__name__] = _object_schema(hint, definitions)
        return reference(hint.__name__)
    if get_origin(hint) is tuple:
        item = get_args(hint)[0]
        if _is_pair(item):
            return {"type": "object", "additionalProperties": schema(get_args(item)[1], definitions)}
        return {"type": "array", "items": schema(item, definitions)}
    if get_origin(hint) in (types.UnionType, typing.Union):
        return {"anyOf": [schema(part, definitions) for part in get_args(hint)]}
    raise TypeError(f"no JSON Schema is known for {hint}")


def reference(name: str) -> dict[str, Any]:
    """A pointer to a named schema of the OpenAPI document."""
    return {"$ref": f"#/components/schemas/{name}"}


def summary(documented: type) -> str:
    """The first line of a docstring."""
    return (inspect.getdoc(documented) or "").partition("\n")[0]


def _is_pair(hint: Any) -> bool:
    parts = get_args(hint)
    return get_origin(hint) is tuple and parts[:1] == (str,) and parts[1:] != (Ellipsis,)


def _object_schema(hint: Any, definitions: dict[str, Any]) -> dict[str, Any]:
    hints = get_type_hints(hint)
    fields = dataclasses.fields(hint)
    required = [
        field.name
        for field in fields
        if field.default is dataclasses.MISSING and field.default_factory is dataclasses.MISSING
    ]
    return {
        "type": "object",
        "description": summary(hint),
        "properties": {field.name: schema(hints[field.name], definitions) for field in fields},
        "required": required,
        "additionalProperties": False,
    }
