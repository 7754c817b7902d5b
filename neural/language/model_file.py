"""Looking at a model file before it is loaded: is it a whole GGUF file, and does this machine have the memory for it.

The layout is that of the GGUF specification, versions 2 and 3 (ggml, docs/gguf.md). A file is untrusted input: every
length in it is held against what is left of the file.
"""

from __future__ import annotations

import struct
from dataclasses import dataclass
from pathlib import Path
from typing import BinaryIO, Final

_MAGIC: Final = b"GGUF"
_VERSIONS: Final = (2, 3)
_STRING: Final = 8
_ARRAY: Final = 9
_SCALARS: Final = {0: "<B", 1: "<b", 2: "<H", 3: "<h", 4: "<I", 5: "<i", 6: "<f", 7: "<?", 10: "<Q", 11: "<q", 12: "<d"}
_MOST_ENTRIES: Final = 1 << 20
_KEPT_TEXT_BYTES: Final = 1 << 20
_REPACKED_TYPES: Final = frozenset({2, 12, 14, 15, 25})
"""`general.file_type` of quantisations that llama.cpp repacks for the CPU (Q4_0, Q4_K, IQ4_NL, Q2_K variants)."""
_BYTES_PER_KEY_VALUE: Final = 2 * 2  # a key and a value, each a 16-bit float
_WORKING_BYTES: Final = 384 * 1024 * 1024
"""The program itself, the compute buffers of one batch, and some air."""


class ModelError(Exception):
    """A model file cannot speak.

    Args:
        reason: one sentence: what is wrong.
        remedy: one sentence: what the user can do.
    """

    def __init__(self, reason: str, remedy: str) -> None:
        super().__init__(reason)
        self.reason = reason
        self.remedy = remedy


@dataclass(frozen=True, slots=True)
class ModelFile:
    """What a model file says of itself.

    Attributes:
        size_bytes: of the file.
        architecture: of the net ("llama").
        file_type: `general.file_type`, None if the file does not say.
        context_tokens: the longest text it was trained on.
        kv_bytes_per_token: memory that each token of a conversation takes.
        has_template: whether it brings its own chat template.
    """

    path: Path
    size_bytes: int
    architecture: str
    file_type: int | None
    context_tokens: int
    kv_bytes_per_token: int
    has_template: bool

    @property
    def use_mmap(self) -> bool:
        """Whether mapping the file saves memory: not if the weights are repacked, which would keep both copies."""
        return self.file_type not in _REPACKED_TYPES

    def needed_bytes(self, context_tokens: int) -> int:
        """Memory to load the file and keep a context of so many tokens, roughly."""
        return self.size_bytes + context_tokens * self.kv_bytes_per_token + _WORKING_BYTES


def inspect(path: Path) -> ModelFile:
    """Read a model file's header.

    Raises:
        ModelError: if there is no such file, or it is no whole GGUF file.
    """
    choose = "Choose another model file in the settings, or none for plain sentences."
    try:
        size_bytes = path.stat().st_size
        with path.open("rb") as file:
            head = file.read(4)
            if head != _MAGIC:
                raise ModelError(f"{path.name} is no GGUF model file.", choose)
            values = _metadata(_Bytes(file, size_bytes))
    except FileNotFoundError:
        raise ModelError(f"There is no model file at {path}.", choose) from None
    except OSError as error:
        raise ModelError(f"The model file {path.name} cannot be read: {error.strerror}.", choose) from error
    except (struct.error, UnicodeDecodeError, _BrokenError) as error:
        raise ModelError(f"The model file {path.name} is broken or incomplete.", f"Get it again. {choose}") from error
    return _described(path, size_bytes, values)


def require_memory(model: ModelFile, context_tokens: int, available_bytes: int) -> None:
    """Refuse a model that would not fit.

    Args:
        model: the file.
        context_tokens: of the context.
        available_bytes: of memory.

    Raises:
        ModelError: saying how much is needed and how much there is.
    """
    needed = model.needed_bytes(context_tokens)
    if needed > available_bytes:
        raise ModelError(
            f"The model {model.path.name} needs about {_gigabytes(needed)} of memory and {_gigabytes(available_bytes)} "
            "are free.",
            "Close other programs, or choose a smaller model in the settings.",
        )


def available_memory_bytes(meminfo: Path = Path("/proc/meminfo")) -> int:
    """Memory that can be had without swapping (MemAvailable, see proc_meminfo(5)).

    Raises:
        OSError: if the kernel does not say.
    """
    for line in meminfo.read_text(encoding="ascii").splitlines():
        if line.startswith("MemAvailable:"):
            return int(line.split()[1]) * 1024
    raise OSError(f"{meminfo} has no MemAvailable")


class _BrokenError(Exception):
    """A length in the file leads out of it."""


class _Bytes:
    """The header's values, read in order, never past the end of the file."""

    def __init__(self, file: BinaryIO, size_bytes: int) -> None:
        self._file = file
        self._size_bytes = size_bytes

    def scalar(self, form: str) -> int | float:
        length = struct.calcsize(form)
        value: int | float = struct.unpack(form, self._file.read(length))[0]
        return value

    def count(self, most: int) -> int:
        value = int(self.scalar("<Q"))
        if value > most:
            raise _BrokenError
        return value

    def text(self) -> str:
        length = self.count(self._size_bytes)
        if length > _KEPT_TEXT_BYTES:
            self.skip(length)
            return ""
        raw = self._file.read(length)
        if len(raw) != length:
            raise _BrokenError
        return raw.decode("utf-8", "replace")

    def skip(self, length: int) -> None:
        if self._file.tell() + length > self._size_bytes:
            raise _BrokenError
        self._file.seek(length, 1)


def _metadata(data: _Bytes) -> dict[str, int | float | str]:
    if data.scalar("<I") not in _VERSIONS:
        raise _BrokenError
    data.count(_MOST_ENTRIES)  # tensors
    values: dict[str, int | float | str] = {}
    for _ in range(data.count(_MOST_ENTRIES)):
        key = data.text()
        kind = int(data.scalar("<I"))
        if kind == _STRING:
            values[key] = data.text()
        elif kind == _ARRAY:
            _skip_array(data)
        elif kind in _SCALARS:
            values[key] = data.scalar(_SCALARS[kind])
        else:
            raise _BrokenError
    return values


def _skip_array(data: _Bytes) -> None:
    kind = int(data.scalar("<I"))
    length = data.count(1 << 32)
    if kind in _SCALARS:
        data.skip(length * struct.calcsize(_SCALARS[kind]))
    elif kind == _STRING:
        for _ in range(length):
            data.skip(data.count(1 << 40))
    else:
        raise _BrokenError


def _described(path: Path, size_bytes: int, values: dict[str, int | float | str]) -> ModelFile:
    architecture = str(values.get("general.architecture", ""))

    def number(key: str, fallback: int) -> int:
        value = values.get(f"{architecture}.{key}", fallback)
        return fallback if isinstance(value, str) else int(value)

    layers, width = number("block_count", 0), number("embedding_length", 0)
    if not architecture or not layers or not width or values.get("general.type", "model") != "model":
        raise ModelError(
            f"{path.name} is a GGUF file but holds no language model.",
            "Choose another model file in the settings, or none for plain sentences.",
        )
    heads = max(1, number("attention.head_count", 1))
    head_width = number("attention.key_length", width // heads)
    file_type = values.get("general.file_type")
    return ModelFile(
        path=path,
        size_bytes=size_bytes,
        architecture=architecture,
        file_type=None if file_type is None or isinstance(file_type, str) else int(file_type),
        context_tokens=number("context_length", 2048),
        kv_bytes_per_token=layers * head_width * number("attention.head_count_kv", heads) * _BYTES_PER_KEY_VALUE,
        has_template="tokenizer.chat_template" in values,
    )


def _gigabytes(size_bytes: int) -> str:
    return f"{size_bytes / 1e9:.1f} GB"
