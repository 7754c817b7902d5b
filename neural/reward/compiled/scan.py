"""One pass over a history in numbers: every moment is written down before what was chosen is taken in.

This package holds the statistics and features a second time, compiled (Numba; Lam, Pitrou and Seibert 2015), for
reading a whole history. The live predictor reads one moment at a time in NumPy, without a compiler in the desktop
process; training reads tens of thousands here, in a tenth of the time. Both compute the same numbers: a test compares
them.
"""

from __future__ import annotations

from typing import Final, NamedTuple

import numpy as np
from numpy.typing import NDArray

from neural.reward.compiled.context import choose, look
from neural.reward.compiled.features import write
from neural.reward.compiled.jit import compiled
from neural.reward.compiled.state import TIME, Here, State
from neural.reward.compiled.update import act, count, count_kind, enter, match
from neural.reward.features.context import TITLE_WORDS
from neural.reward.features.hash_tables import F32, I64, U64
from neural.reward.features.statistics import CANDIDATES

SAME_PROJECT: Final = -1


class Numbers(NamedTuple):
    """A history's steps as numbers; see `neural.reward.training.build_dataset`.

    Attributes:
        action: [N] ids, in the order in which actions first come. new: [N] bool, false for a mere new title of
        what lasts already. lasting: [N] 0 for an application, 1 for a site, 2 for a file, -1 for what does not
        last. session: [N]. now_s, local_s: [N] float64, NaN if not known. project: [N] hash and 1, 0 for none,
        SAME_PROJECT if the step does not say. words_from: [N + 1] the index at which each title's words begin;
        words, in_order: [W] hashes as they stand, and sorted.
    """

    action: I64
    new: NDArray[np.bool_]
    lasting: I64
    session: I64
    now_s: NDArray[np.float64]
    local_s: NDArray[np.float64]
    project: I64
    words_from: I64
    words: U64
    in_order: U64


class Page(NamedTuple):
    """Blank room for the rows of some decisions, in float32; laid out as `neural.reward.training.dataset.Dataset`."""

    state: F32
    action: F32
    indicators: NDArray[np.int16]
    mask: NDArray[np.bool_]
    chosen: I64


@compiled
def fill(state: State, numbers: Numbers, start: int, skipped: int, page: Page) -> tuple[int, int]:
    """Go on from a step until the page is full or the history ends.

    Args:
        state: of the steps before; is changed.
        numbers: the whole history.
        start: the step to begin with.
        skipped: actions of the person that are learned from and not written down.
        page: is filled.

    Returns:
        The step to go on with, and how many decisions were written down.
    """
    written = 0
    for step in range(start, numbers.action.size):
        if numbers.new[step]:
            if written == page.chosen.size:
                return step, written
            look(state.here, state.contexts)
            action = numbers.action[step]
            if state.here.numbers[TIME] > skipped:
                choose(state.here, state.contexts.successors, state.actions, state.match.predicted)
                write(state, page.state[written], page.action[written], page.indicators[written])
                _note(state.here.candidates[: state.here.sizes[0]], action, state.actions.kinds[action], page, written)
                written += 1
            count(state.here, state.contexts, state.pairs, action, state.actions.hashes[action])
        _settle(state.here, numbers, step)
        if numbers.new[step]:
            _act(state, numbers.action[step], numbers.lasting[step])
    return numbers.action.size, written


@compiled
def halve(single: F32, half: NDArray[np.uint16]) -> None:
    """Single precision to the bits of half, to the nearest, ties to even (IEEE 754-2008), of magnitudes below 65,504.

    NumPy's own conversion takes as long as all the rest of a page.

    Args:
        single: flat.
        half: of the same length.
    """
    bits = single.view(np.uint32)
    # Below 2^-14 the steps of half precision are 2^-24. Added to 2^23, a number is rounded to whole ones.
    lifted = np.empty_like(single)
    for place in range(single.size):
        lifted[place] = abs(single[place]) * np.float32(1 << 24) + np.float32(1 << 23)
    steps = lifted.view(np.uint32)
    for place in range(single.size):
        # Numba widens what it computes to 64 bits; narrowed at every step, the loop runs on whole vectors.
        magnitude = np.uint32(bits[place] & np.uint32(0x7FFFFFFF))
        even = np.uint32(np.uint32(magnitude >> np.uint32(13)) & np.uint32(1))
        normal = np.uint32(np.uint32(magnitude - np.uint32(0x37FFF001) + even) >> np.uint32(13))
        small = np.uint32(steps[place] - np.uint32(0x4B000000))
        kept = small if magnitude < np.uint32(0x38800000) else normal
        half[place] = np.uint16(kept | np.uint32(np.uint32(bits[place] >> np.uint32(16)) & np.uint32(0x8000)))


@compiled
def _note(candidates: I64, action: int, kind: int, page: Page, place: int) -> None:
    page.chosen[place] = CANDIDATES + kind
    for row in range(candidates.size):
        page.mask[place, row] = True
        if candidates[row] == action:
            page.chosen[place] = row
    for row in range(CANDIDATES, page.mask.shape[1]):
        page.mask[place, row] = True


@compiled
def _act(state: State, action: int, lasting: int) -> None:
    new = np.float32(state.actions.counts[action] == 0)
    match(state.match, state.here.numbers[TIME], action)
    count_kind(state.shares, state.here.numbers, state.actions.kinds[action], float(new))
    act(state.here, state.actions, action, lasting)


@compiled
def _settle(here: Here, numbers: Numbers, step: int) -> None:
    enter(here, numbers.session[step], numbers.now_s[step], numbers.local_s[step])
    first = numbers.words_from[step]
    here.sizes[1] = numbers.words_from[step + 1] - first
    for place in range(here.sizes[1]):
        if place < TITLE_WORDS:
            here.words[place] = numbers.words[first + place]
        here.words[TITLE_WORDS + place] = numbers.in_order[first + place]
    if numbers.project[step] != SAME_PROJECT:
        here.project[0] = np.uint64(numbers.project[step])
