"""Values of the services as JSON-able values, for the command line and the control socket."""

from __future__ import annotations

import dataclasses
import re
from typing import Any, Final

_PAIRS: Final = re.compile(r"tuple\[tuple\[str, \w+\], \.\.\.\]")


def to_json_values(value: Any) -> Any:
    """A frozen value as JSON-able values: dataclasses as objects, tuples of (name, value) pairs as objects too."""
    if dataclasses.is_dataclass(value) and not isinstance(value, type):
        return {
            field.name: dict(getattr(value, field.name))
            if _is_pairs(field)
            else to_json_values(getattr(value, field.name))
            for field in dataclasses.fields(value)
        }
    if isinstance(value, tuple | list | frozenset):
        return [to_json_values(item) for item in value]
    return value


def _is_pairs(field: dataclasses.Field[Any]) -> bool:
    return _PAIRS.fullmatch(str(field.type)) is not None
