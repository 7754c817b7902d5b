from __future__ import annotations

import io
import json
from dataclasses import replace

import numpy as np
import pytest

from neural.reward import checkpoint
from neural.reward.checkpoint import INDICATOR_SHAPE, SHAPES, Checkpoint, CheckpointError


@pytest.fixture
def small() -> Checkpoint:
    random = np.random.default_rng(0)
    weights = {name: random.normal(size=shape).astype(np.float32) for name, shape in SHAPES.items()}
    return Checkpoint(weights, None, gamma=0.5, temperature=1.25, made={"by": "a test"})


def test_a_checkpoint_comes_back_as_it_went_within_half_precision(small: Checkpoint) -> None:
    back = checkpoint.load(checkpoint.dump(small))
    assert (back.gamma, back.temperature, back.made, back.indicators) == (0.5, 1.25, {"by": "a test"}, None)
    for name, values in small.weights.items():
        np.testing.assert_allclose(back.weights[name], values, rtol=1e-3, atol=1e-3)


def test_indicators_come_back(small: Checkpoint) -> None:
    indicators = np.full(INDICATOR_SHAPE, 0.5, np.float32)
    back = checkpoint.load(checkpoint.dump(replace(small, indicators=indicators)))
    assert back.indicators is not None
    assert (back.indicators == 0.5).all()


@pytest.mark.parametrize("data", [b"", b"PK\x03\x04 broken", b"\x80\x04K\x01."])
def test_what_is_no_checkpoint_is_refused(data: bytes) -> None:
    with pytest.raises(CheckpointError, match="cannot be read"):
        checkpoint.load(data)


def test_a_truncated_checkpoint_is_refused(small: Checkpoint) -> None:
    with pytest.raises(CheckpointError, match="cannot be read"):
        checkpoint.load(checkpoint.dump(small)[:-200])


def test_a_checkpoint_with_a_pickle_in_it_is_refused() -> None:
    buffer = io.BytesIO()
    np.savez(buffer, head=np.array([{"schema": 1}], dtype=object))
    with pytest.raises(CheckpointError, match="cannot be read"):
        checkpoint.load(buffer.getvalue())


def test_a_number_that_is_not_finite_is_refused(small: Checkpoint) -> None:
    small.weights["layer_2"][3, 4] = np.nan
    with pytest.raises(CheckpointError, match="layer_2 holds a value that is not a finite number"):
        checkpoint.load(checkpoint.dump(small))


def test_another_schema_is_refused(small: Checkpoint, monkeypatch: pytest.MonkeyPatch) -> None:
    data = checkpoint.dump(small)
    monkeypatch.setattr(checkpoint, "SCHEMA_HASH", "another")
    with pytest.raises(CheckpointError, match="another set of features") as caught:
        checkpoint.load(data)
    assert caught.value.remedy


def test_a_layer_of_another_shape_is_refused(small: Checkpoint) -> None:
    changed = replace(small, weights={**small.weights, "bias_1": np.zeros(3, np.float32)})
    with pytest.raises(CheckpointError, match="bias_1 has the shape"):
        checkpoint.load(checkpoint.dump(changed))


def test_a_temperature_out_of_range_is_refused(small: Checkpoint) -> None:
    with pytest.raises(CheckpointError, match="out of range"):
        checkpoint.load(checkpoint.dump(replace(small, temperature=0.0)))


def test_the_shipped_prior_loads_knows_no_names_and_says_how_it_was_made() -> None:
    shipped = checkpoint.prior()
    assert shipped.indicators is None
    assert shipped.made["by"] == "neural.prior"
    assert json.dumps(dict(shipped.made))
    assert len(checkpoint.prior_bytes()) < 4 << 20
