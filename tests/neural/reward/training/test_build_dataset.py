from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from neural.prior import synthetic_decisions
from neural.reward.actions import Step
from neural.reward.compiled.jit import cache_folder
from neural.reward.compiled.scan import halve
from neural.reward.training import build_dataset
from neural.reward.training.dataset import Dataset
from tests.neural.reward.histories import apps, commands, life
from tests.neural.reward.plain_reading import plain_dataset

ROUNDING = 0.001
"""A few units in half precision: logarithms are rounded otherwise in compiled code."""


def assert_same(one: Dataset, other: Dataset) -> None:
    assert len(one) == len(other)
    for name in ("mask", "chosen", "ended", "indicators"):
        np.testing.assert_array_equal(getattr(one, name), getattr(other, name), err_msg=name)
    for name in ("state", "action"):
        np.testing.assert_allclose(
            getattr(one, name).astype(np.float32), getattr(other, name).astype(np.float32), atol=ROUNDING, err_msg=name
        )


@pytest.mark.parametrize(
    "steps",
    [
        [step for seed in range(2) for step in synthetic_decisions(seed)[:700]],
        life(600),
        commands("a b a a c " * 40),
        apps("mail web mail editor web mail " * 40, gap_us=400_000_000),
        [replace(step, title_tokens=("same", "same", *step.title_tokens * 9)) for step in apps("a b c a c " * 20)],
    ],
    ids=["made-up people", "bouts", "no times", "applications", "long titles"],
)
def test_what_is_learned_from_is_what_the_live_predictor_sees(steps: list[Step]) -> None:
    assert_same(build_dataset.dataset(steps), plain_dataset(steps))


@settings(max_examples=40, deadline=None)
@given(
    st.lists(
        st.builds(
            Step,
            ts_us=st.none() | st.integers(0, 10**13),
            action=st.builds(
                "{}:{}".format, st.sampled_from(("app", "web", "file", "cmd", "git", "odd")), st.integers(0, 5)
            ),
            session=st.integers(0, 3),
            utc_offset_s=st.sampled_from((0, -12_600, 20_700)),
            project=st.none() | st.sampled_from(("kite", "sail")),
            title_tokens=st.lists(st.sampled_from(("a", "b", "\ud800", "long" * 20)), max_size=12).map(tuple),
        ),
        max_size=60,
    )
)
def test_any_history_is_read_as_the_live_predictor_sees_it(steps: list[Step]) -> None:
    assert_same(build_dataset.dataset(steps), plain_dataset(steps))


def test_full_tables_give_up_the_same_entries() -> None:
    random = np.random.default_rng(3)
    steps = commands(" ".join(f"c{number}" for number in random.integers(0, 900, 7_000)))
    whole = plain_dataset(steps)
    assert_same(build_dataset.dataset(steps, most=300), whole.slice(len(whole) - 300, len(whole)))


def test_the_future_changes_nothing_that_was_read() -> None:
    steps = life(400)
    shuffled = steps[:200] + [steps[200 + place] for place in np.random.default_rng(1).permutation(200)]
    one, other = build_dataset.dataset(steps), build_dataset.dataset(shuffled)
    for name in ("state", "action", "indicators", "mask"):
        np.testing.assert_array_equal(getattr(one, name)[:200], getattr(other, name)[:200])


def test_a_history_without_decisions_makes_empty_arrays() -> None:
    assert len(build_dataset.dataset([])) == 0
    assert len(build_dataset.dataset(commands("alone"))) == 0


def test_halves_are_rounded_as_numpy_rounds_them() -> None:
    random = np.random.default_rng(0)
    values = np.concatenate(
        [
            *(random.normal(size=20_000) * scale for scale in (3, 1e-3, 1e-5, 1e-7)),
            [0.0, -0.0, 1.0, 2.0**-14, 2.0**-24, 2.0**-25, 3 * 2.0**-25, 1 + 2.0**-11, 1 + 3 * 2.0**-11, 65_503.0],
        ]
    ).astype(np.float32)
    half = np.empty(values.size, np.uint16)
    halve(values, half)
    np.testing.assert_array_equal(half, values.astype(np.float16).view(np.uint16))


def test_code_compiled_from_other_source_is_not_used(tmp_path: Path) -> None:
    package = tmp_path / "package"
    package.mkdir()
    (package / "one.py").write_text("1")
    first = cache_folder(package, tmp_path / "fallback")
    first.mkdir(parents=True)
    assert cache_folder(package, tmp_path / "fallback") == first
    (package / "one.py").write_text("2")
    assert cache_folder(package, tmp_path / "fallback") != first
    assert not first.exists()
