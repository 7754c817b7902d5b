"""Weights as bytes: an npz of plain arrays, read without pickle and checked before use."""

from __future__ import annotations

import io
import json
import zipfile
from collections.abc import Mapping
from dataclasses import dataclass
from functools import cache
from importlib import resources
from typing import Any, Final

import numpy as np

from neural.reward.features.features import ACTION_FEATURES, BUCKETS, SCHEMA_HASH, STATE_FEATURES
from neural.reward.features.hash_tables import F32

PRIOR_FILE: Final = "prior.npz"
MAX_BYTES: Final = 64 << 20
_WIDTHS: Final = (256, 128, 64)
SHAPES: Final[Mapping[str, tuple[int, ...]]] = {
    "state": (len(STATE_FEATURES), _WIDTHS[0]),
    "action": (len(ACTION_FEATURES), _WIDTHS[0]),
    "bias_1": (_WIDTHS[0],),
    "layer_2": (_WIDTHS[0], _WIDTHS[1]),
    "bias_2": (_WIDTHS[1],),
    "layer_3": (_WIDTHS[1], _WIDTHS[2]),
    "bias_3": (_WIDTHS[2],),
    "heads": (_WIDTHS[2], 2),
    "bias_heads": (2,),
}
"""Layers as they are multiplied from the right; the heads are reward, then soft value."""
INDICATOR_SHAPE: Final = (BUCKETS, _WIDTHS[0])


class CheckpointError(ValueError):
    """A checkpoint that cannot be used. `remedy` says what to do about it."""

    def __init__(self, reason: str, remedy: str = "Train the model again, or go back to the shipped weights.") -> None:
        super().__init__(reason)
        self.remedy = remedy


@dataclass(frozen=True, slots=True)
class Checkpoint:
    """A reward net at rest.

    Attributes:
        weights: by name, float32, of SHAPES.
        indicators: [BUCKETS, 256] float32 of a net that was trained on one person, None for the shipped prior.
        gamma: discount in Q = r + gamma w.
        temperature: Q is divided by it, so that probabilities are calibrated.
        made: how it was made, for the record: JSON values.
    """

    weights: Mapping[str, F32]
    indicators: F32 | None
    gamma: float
    temperature: float
    made: Mapping[str, Any]


def dump(checkpoint: Checkpoint) -> bytes:
    """The checkpoint as bytes; weights are kept as float16, which costs no accuracy that shows."""
    arrays: dict[str, Any] = {name: value.astype(np.float16) for name, value in checkpoint.weights.items()}
    if checkpoint.indicators is not None:
        arrays["indicators"] = checkpoint.indicators.astype(np.float16)
    head = {
        "schema": SCHEMA_HASH,
        "gamma": checkpoint.gamma,
        "temperature": checkpoint.temperature,
        "made": dict(checkpoint.made),
    }
    arrays["head"] = np.frombuffer(json.dumps(head).encode(), np.uint8)
    buffer = io.BytesIO()
    np.savez_compressed(buffer, allow_pickle=False, **arrays)
    return buffer.getvalue()


def load(data: bytes) -> Checkpoint:
    """Read a checkpoint.

    Raises:
        CheckpointError: if it is none, was made for another feature schema, or holds a number that is not finite.
    """
    if len(data) > MAX_BYTES:
        raise CheckpointError(f"the checkpoint has {len(data)} bytes, more than the {MAX_BYTES} that are ever needed")
    try:
        with np.load(io.BytesIO(data), allow_pickle=False) as file:
            head = json.loads(file["head"].tobytes().decode())
            schema, made = str(head["schema"]), dict(head["made"])
            gamma, temperature = float(head["gamma"]), float(head["temperature"])
            names = (*SHAPES, *_optional(file.files)) if schema == SCHEMA_HASH else ()
            arrays = {name: file[name].astype(np.float32) for name in names}
    except (ValueError, KeyError, TypeError, OSError, EOFError, zipfile.BadZipFile) as error:
        raise CheckpointError(f"the checkpoint cannot be read: {error}") from error
    if schema != SCHEMA_HASH:
        raise CheckpointError("the checkpoint was made for another set of features than this version has")
    _check(arrays, gamma, temperature)
    indicators = arrays.pop("indicators", None)
    return Checkpoint(weights=arrays, indicators=indicators, gamma=gamma, temperature=temperature, made=made)


@cache
def prior_bytes() -> bytes:
    """The shipped prior's bytes, as a training run starts from."""
    return resources.files("resources").joinpath(PRIOR_FILE).read_bytes()


def prior() -> Checkpoint:
    """The weights that the program ships, for a person it knows nothing of yet."""
    return load(prior_bytes())


def _optional(names: list[str]) -> tuple[str, ...]:
    return ("indicators",) if "indicators" in names else ()


def _check(arrays: Mapping[str, F32], gamma: float, temperature: float) -> None:
    shapes = {**SHAPES, "indicators": INDICATOR_SHAPE}
    for name, values in arrays.items():
        if values.shape != shapes[name]:
            raise CheckpointError(f"{name} has the shape {values.shape}, not {shapes[name]}")
        if not np.isfinite(values).all():
            raise CheckpointError(f"{name} holds a value that is not a finite number")
    if not (np.isfinite(temperature) and temperature > 0 and 0 <= gamma <= 1):
        raise CheckpointError("the discount or the temperature is out of range")
