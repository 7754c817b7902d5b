"""Moments alike lie close, the same wherever the program runs; bytes that are no encoder are refused."""

from __future__ import annotations

import dataclasses
from collections import Counter

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from neural.moments import encoder
from neural.moments.encoder import WIDTH, Bag, Encoder, EncoderError, Hasher, nearness, packed

PLAIN = encoder.untrained([])
WORDS = st.text(min_size=1, max_size=12)


def bag(text: str) -> Bag:
    return Hasher().bag(Counter(text.split()))


def close(made: Encoder, left: str, right: str) -> float:
    return float(made.encode(bag(left)) @ made.encode(bag(right)))


def test_words_in_common_bring_moments_close_and_rare_ones_more() -> None:
    moments = [bag(f"app:code editor lighthouse file{n}") for n in range(60)] + [bag("app:gimp sunset boat")] * 3
    made = encoder.untrained(moments)
    assert close(made, "app:gimp sunset", "app:gimp sunset boat") > 0.7
    assert close(made, "editor sunset", "editor file7") < close(made, "editor sunset", "sunset boat")
    assert abs(close(made, "app:gimp sunset boat", "editor lighthouse file7")) < 0.5


def test_a_word_that_was_never_seen_is_placed_by_its_pieces() -> None:
    pairs = [("invoice", "invoices"), ("holiday", "holidays"), ("configure", "configuration"), ("sailing", "sailor")]
    known = sum(close(PLAIN, one, other) for one, other in pairs)
    strange = sum(close(PLAIN, pairs[n][0], pairs[n - 1][1]) for n in range(len(pairs)))
    assert known > strange + 0.8


def test_the_random_table_is_the_same_everywhere() -> None:
    table = encoder.random_table()
    assert table.shape == (encoder.ROWS, WIDTH)
    assert set(np.unique(table)) == {-encoder.UNIT, encoder.UNIT}
    assert table[:2, :8].tolist() == [
        [16, -16, -16, 16, -16, 16, -16, 16],
        [-16, -16, 16, 16, 16, -16, 16, -16],
    ]


@given(st.dictionaries(WORDS, st.integers(1, 1_000), max_size=40))
def test_a_stored_vector_keeps_its_direction(words: dict[str, int]) -> None:
    vector = PLAIN.encode(Hasher().bag(words))
    stored = packed(vector)
    assert len(stored) == WIDTH
    if words:
        assert nearness(stored, vector)[0] > 0.999
    else:
        assert not any(stored)


@given(st.lists(st.dictionaries(WORDS, st.integers(1, 9), max_size=9), max_size=9))
def test_bags_come_back_from_their_bytes(found: list[dict[str, int]]) -> None:
    bags = [Hasher().bag(words) for words in found]
    back = encoder.unjoined(*encoder.joined(bags))
    assert len(back) == len(bags)
    for one, other in zip(bags, back, strict=True):
        assert one.rows.tolist() == other.rows.tolist()
        assert one.amounts.tolist() == other.amounts.tolist()


def test_parts_that_do_not_fit_are_no_bags() -> None:
    rows, amounts, lengths = encoder.joined([bag("a b"), bag("c")])
    for parts in ((rows[2:], amounts, lengths), (rows, amounts[4:], lengths), (rows, amounts, lengths[2:])):
        with pytest.raises(ValueError, match="no bags"):
            encoder.unjoined(*parts)
    with pytest.raises(ValueError, match="no bags"):
        encoder.unjoined(b"\xff" * len(rows), amounts, lengths)


def test_an_encoder_comes_back_from_its_bytes() -> None:
    plain = encoder.untrained([bag(f"word{n} boat") for n in range(60)])
    table = plain.table.copy()
    table[[3, 5_000]] = 7
    made = dataclasses.replace(plain, table=table, trained=np.array([3, 5_000], np.uint16), made={"trained": True})
    data = encoder.dump(made)
    back = encoder.load(data)
    assert len(data) < 20_000
    assert back.made == {"trained": True}
    assert back.table.tolist() == table.tolist()
    assert np.allclose(back.rarity, plain.rarity, atol=1e-3)


@pytest.mark.parametrize("harm", [b"", b"PK\x03\x04", b"x" * (encoder.MAX_BYTES + 1)])
def test_bytes_that_are_no_encoder_are_refused(harm: bytes) -> None:
    with pytest.raises(EncoderError):
        encoder.load(harm)


def test_an_encoder_with_another_table_is_refused() -> None:
    plain = encoder.untrained([])
    with pytest.raises(EncoderError, match="another table"):
        encoder.load(encoder.dump(dataclasses.replace(plain, rarity=plain.rarity[:-1])))
    with pytest.raises(EncoderError, match="another table"):
        encoder.load(encoder.dump(dataclasses.replace(plain, rarity=plain.rarity * np.float32(np.nan))))


def test_the_exact_cosine_is_that_of_the_rows() -> None:
    made = encoder.untrained([])
    same, other = bag("boat sail harbour"), bag("parser store window")
    assert encoder.cosine(made, same, same) == pytest.approx(1)
    assert encoder.cosine(made, same, other) == 0
    assert encoder.cosine(made, bag(""), same) == 0
    assert 0 < encoder.cosine(made, bag("boat sail"), same) < 1


def test_a_hasher_that_begins_again_gives_the_same_rows(monkeypatch: pytest.MonkeyPatch) -> None:
    words = [Counter({f"word{n}": 1}) for n in range(30)]
    remembering, forgetting = Hasher(), Hasher()
    whole = [remembering.bag(each).rows.tolist() for each in words]
    monkeypatch.setattr(encoder, "MOST_REMEMBERED", 7)
    assert [forgetting.bag(each).rows.tolist() for each in words] == whole
    assert len(forgetting._rows_of) <= 7
