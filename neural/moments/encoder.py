"""From a moment's words to 64 numbers, so that moments alike lie close: plain NumPy, a few hundred kilobytes.

Words and their four-letter pieces (Bojanowski and others 2017: a word that was never seen is placed by its pieces) are
hashed to rows of a table; a moment is their sum, each row weighted by how rare it is (inverse document frequency), and
normalised. Without training the rows are random signs, which keeps distances as they are (Achlioptas 2003); training
(see `training`) moves those rows that a person's moments use.
"""

from __future__ import annotations

import hashlib
import io
import json
import math
import zipfile
import zlib
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Final

import numpy as np
import numpy.typing as npt

F32 = npt.NDArray[np.float32]
I8 = npt.NDArray[np.int8]
U16 = npt.NDArray[np.uint16]

WIDTH: Final = 64
WORD_ROWS: Final = 4_096
PIECE_ROWS: Final = 4_096
ROWS: Final = WORD_ROWS + PIECE_ROWS
PIECE_CHARS: Final = 4
PIECES_WEIGH: Final = 1.0
"""All pieces of a word together, against the word itself."""
LARGEST: Final = 127
MAX_BYTES: Final = 4 << 20
FEWEST_MOMENTS: Final = 50
"""With fewer, how rare a word is says nothing yet."""
UNIT: Final = 16
"""What 1 is in the table: a sign of an untrained row."""
FEWEST_TO_LEARN: Final = 200
"""With fewer there is nothing to train on and to judge by."""
MOST_REMEMBERED: Final = 5_000
"""Words whose rows are remembered, some megabytes; the next one starts over."""
_UNSEEN_WEIGHT: Final = 1.0


class EncoderError(ValueError):
    """Bytes that are no encoder of this version."""


@dataclass(frozen=True, slots=True)
class Bag:
    """A moment as the table sees it.

    Attributes:
        rows: [n] uint16, each once.
        amounts: [n] float32, how much of each there is, before rarity is counted in.
    """

    rows: U16
    amounts: F32


@dataclass(frozen=True, slots=True)
class Encoder:
    """Places moments.

    Attributes:
        rarity: [ROWS] float32, what each row counts.
        table: [ROWS, WIDTH] int8, in steps of 1 / UNIT.
        trained: [k] uint16, the rows that training moved; all others are the random ones.
        made: how it came about, for the record.
    """

    rarity: F32
    table: I8
    trained: U16
    made: Mapping[str, object]

    def encode(self, bag: Bag) -> F32:
        """[WIDTH] float32 of length 1; zeros for an empty bag."""
        weights = bag.amounts * self.rarity[bag.rows]
        placed: F32 = weights @ self.table[bag.rows].astype(np.float32)
        length = float(np.linalg.norm(placed))
        return placed / np.float32(length) if length > 0 else placed


def cosine(encoder: Encoder, one: Bag, other: Bag) -> float:
    """How alike two bags are, exactly, before anything is rounded to 64 numbers: the cosine of their rows (TF-IDF).

    Args:
        encoder: gives the weight of each word.
        one: a bag of words.
        other: a bag of words.
    """
    _, ours, theirs = np.intersect1d(one.rows, other.rows, assume_unique=True, return_indices=True)
    left, right = one.amounts * encoder.rarity[one.rows], other.amounts * encoder.rarity[other.rows]
    length = math.sqrt(float(left @ left) * float(right @ right))
    return float(left[ours] @ right[theirs]) / length if length else 0.0


def packed(vector: F32) -> bytes:
    """A vector as WIDTH bytes: its direction, and nothing of its length."""
    largest = float(np.abs(vector).max())
    scale = LARGEST / largest if largest > 0 else 0.0
    return np.round(vector * np.float32(scale)).astype(np.int8).tobytes()


def nearness(vectors: bytes, query: F32) -> F32:
    """[n] cosines of packed vectors, one behind the other, with a vector of length 1."""
    block = np.frombuffer(vectors, np.int8).reshape(-1, WIDTH).astype(np.float32)
    lengths = np.sqrt(np.einsum("nw,nw->n", block, block))
    found: F32 = block @ query / np.maximum(lengths, np.float32(1e-6))
    return found


def random_table() -> I8:
    """[ROWS, WIDTH] int8, signs times UNIT, the same wherever the program runs."""
    digests = (hashlib.blake2b(row.to_bytes(2, "little"), digest_size=WIDTH // 8).digest() for row in range(ROWS))
    bits = np.unpackbits(np.frombuffer(b"".join(digests), np.uint8)).reshape(ROWS, WIDTH)
    return (bits.astype(np.int8) * np.int8(2 * UNIT) - np.int8(UNIT)).astype(np.int8)


def joined(bags: Sequence[Bag]) -> tuple[bytes, bytes, bytes]:
    """Bags one behind the other: their rows, their amounts, and how many rows each has."""
    rows = b"".join(bag.rows.astype("<u2").tobytes() for bag in bags)
    amounts = b"".join(bag.amounts.astype("<f4").tobytes() for bag in bags)
    return rows, amounts, np.array([len(bag.rows) for bag in bags], "<u2").tobytes()


def unjoined(rows: bytes, amounts: bytes, lengths: bytes) -> list[Bag]:
    """The bags that `joined` was given.

    Args:
        rows: of all bags, int32.
        amounts: of each row, float32.
        lengths: of each bag, int32.

    Raises:
        ValueError: if the parts do not fit each other.
    """
    ends = np.cumsum(np.frombuffer(lengths, "<u2"), dtype=np.int64)
    all_rows = np.frombuffer(rows, "<u2").astype(np.uint16)
    all_amounts = np.frombuffer(amounts, "<f4").astype(np.float32)
    if not len(all_rows) == len(all_amounts) == (ends[-1] if len(ends) else 0) or (all_rows >= ROWS).any():
        raise ValueError("these are no bags of words")
    if not len(ends):
        return []
    return [
        Bag(one, other)
        for one, other in zip(np.split(all_rows, ends[:-1]), np.split(all_amounts, ends[:-1]), strict=True)
    ]


class Hasher:
    """From words to rows. It remembers words that it has seen: make one for a piece of work, and let it go after."""

    def __init__(self) -> None:
        self._rows_of: dict[str, tuple[tuple[int, float], ...]] = {}

    def bag(self, words: Mapping[str, int]) -> Bag:
        """A moment's words, with how often each was there."""
        amounts: dict[int, float] = {}
        for word, times in words.items():
            much = 1.0 + math.log(times)
            for row, share in self._rows(word):
                amounts[row] = amounts.get(row, 0.0) + much * share
        count = len(amounts)
        return Bag(
            np.fromiter(amounts.keys(), np.uint16, count),
            np.fromiter(amounts.values(), np.float32, count),
        )

    def _rows(self, word: str) -> tuple[tuple[int, float], ...]:
        rows = self._rows_of.get(word)
        if rows is None:
            if len(self._rows_of) >= MOST_REMEMBERED:
                self._rows_of.clear()
            rows = self._rows_of[word] = tuple(_hashed(word))
        return rows


def _hashed(word: str) -> Iterable[tuple[int, float]]:
    yield _hash(word) % WORD_ROWS, 1.0
    if ":" in word:
        return
    marked = f"<{word}>"
    pieces = {marked[at : at + PIECE_CHARS] for at in range(max(1, len(marked) - PIECE_CHARS + 1))}
    for piece in sorted(pieces):
        yield WORD_ROWS + _hash(f"#{piece}") % PIECE_ROWS, PIECES_WEIGH / math.sqrt(len(pieces))


def _hash(text: str) -> int:
    return zlib.crc32(text.encode("utf-8", "surrogatepass"))


def untrained(bags: Iterable[Bag]) -> Encoder:
    """The encoder before any training: random rows, and how rare each is among these moments.

    Args:
        bags: the moments; of fewer than FEWEST_MOMENTS nothing is learned, and every row counts the same.
    """
    seen = np.zeros(ROWS, np.int64)
    moments = 0
    for bag in bags:
        seen[bag.rows] += 1
        moments += 1
    rarity = np.full(ROWS, _UNSEEN_WEIGHT, np.float32)
    if moments >= FEWEST_MOMENTS:
        rarity = np.log((1 + moments) / (1 + seen)).astype(np.float32) / np.float32(math.log(1 + moments))
    else:
        moments = 0
    return Encoder(rarity, random_table(), np.zeros(0, np.uint16), {"moments": moments})


def dump(encoder: Encoder) -> bytes:
    """An encoder as bytes; the random rows are not among them."""
    head = json.dumps(dict(encoder.made)).encode()
    buffer = io.BytesIO()
    np.savez_compressed(
        buffer,
        allow_pickle=False,
        head=np.frombuffer(head, np.uint8),
        rarity=encoder.rarity.astype(np.float16),
        trained=encoder.trained,
        rows=encoder.table[encoder.trained],
    )
    return buffer.getvalue()


def load(data: bytes) -> Encoder:
    """Read an encoder.

    Raises:
        EncoderError: if it is none, or holds a number that is not finite.
    """
    if len(data) > MAX_BYTES:
        raise EncoderError(f"an encoder has no {len(data)} bytes")
    try:
        with np.load(io.BytesIO(data), allow_pickle=False) as file:
            made = dict(json.loads(file["head"].tobytes().decode()))
            rarity = file["rarity"].astype(np.float32)
            trained, rows = file["trained"], file["rows"]
    except (ValueError, KeyError, TypeError, OSError, EOFError, zipfile.BadZipFile) as error:
        raise EncoderError(f"the encoder cannot be read: {error}") from error
    fits = rarity.shape == (ROWS,) and trained.dtype == np.uint16 and rows.dtype == np.int8
    if not fits or rows.shape != (len(trained), WIDTH) or (trained >= ROWS).any() or not np.isfinite(rarity).all():
        raise EncoderError("the encoder was made for another table than this version has")
    table = random_table()
    if len(trained):
        table = table.copy()
        table[trained] = rows
    return Encoder(rarity, table, trained, made)
