"""The narrator: a language model file of the user's own, run by llama.cpp on this machine.

Only the brain process imports this module. Nothing it generates is trusted: see
`neural.language.narration.faithfulness`.
"""

from __future__ import annotations

import codecs
import ctypes
import os
from collections import deque
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any, Final

import llama_cpp
from jinja2 import TemplateError
from llama_cpp.llama_chat_format import Jinja2ChatFormatter

from neural.language import model_file
from neural.language.model_file import ModelError, ModelFile

CONTEXT_TOKENS: Final = 4_096
_TEMPERATURE: Final = 0.2
_SEED: Final = 1
_BATCH_TOKENS: Final = 256
_FEWEST_TOKENS: Final = 32
_LOG_ERROR: Final = 3
_CHOOSE: Final = "Choose another model file in the settings, or none for plain sentences."

_faults: deque[str] = deque(maxlen=8)
"""What llama.cpp complained of since a load began; its log has one callback for the whole process."""


def _never() -> bool:
    return False


class Stopped(Exception):  # noqa: N818  # no error: it was asked to stop
    """The generation was stopped on request."""


class Narrator:
    """One loaded model; for one thread at a time. Call `close` to give the memory back.

    Args:
        path: a GGUF file.
        available_bytes: memory that may be used; None asks the system.

    Raises:
        ModelError: if the file is missing, broken, no language model, or too large for this machine.
    """

    def __init__(self, path: Path, available_bytes: int | None = None) -> None:
        self.file = model_file.inspect(path)
        context_tokens = min(CONTEXT_TOKENS, self.file.context_tokens)
        free_bytes = model_file.available_memory_bytes() if available_bytes is None else available_bytes
        model_file.require_memory(self.file, context_tokens, free_bytes)
        load_backends()
        self._stop: Callable[[], bool] = _never
        self._model = _load(self.file, context_tokens)
        self._abort = llama_cpp.ggml_abort_callback(lambda _: self._stop())
        llama_cpp.llama_set_abort_callback(self._model.ctx, self._abort, ctypes.c_void_p(0))
        self._template = self._formatter()

    def stream(self, text: str, max_tokens: int, stop: Callable[[], bool] = _never) -> Iterator[str]:
        """Let the model answer a text, piece by piece.

        Args:
            text: what is put to it, one turn of a person.
            max_tokens: the answer's length at most.
            stop: asked between tokens and, by llama.cpp, inside the evaluation of a long prompt.

        Raises:
            Stopped: as soon as `stop` said so.
            ModelError: if the text is too long for the model, or its evaluation failed.
        """
        tokens = self._tokens(text)
        room = self._model.n_ctx() - len(tokens)
        if room < _FEWEST_TOKENS:
            raise ModelError(f"The answer has more facts than {self.file.path.name} can take in.", _CHOOSE)
        self._stop = stop
        decoder = codecs.getincrementaldecoder("utf-8")("replace")
        try:
            for made, token in enumerate(self._model.generate(tokens, temp=_TEMPERATURE, top_p=0.9)):
                if stop():
                    raise Stopped
                if made >= min(max_tokens, room - 1) or llama_cpp.llama_vocab_is_eog(self._vocab, token):
                    break
                piece = decoder.decode(self._model.detokenize([token]))
                if piece:
                    yield piece
        except RuntimeError as error:  # what llama-cpp-python raises if llama.cpp refused a batch
            if stop():
                raise Stopped from error
            raise ModelError(f"{self.file.path.name} failed while it spoke ({error}).", _CHOOSE) from error
        finally:
            self._stop = _never
            self._forget()

    def close(self) -> None:
        """Give the memory back."""
        self._model.close()

    @property
    def _vocab(self) -> Any:
        return llama_cpp.llama_model_get_vocab(self._model.model)

    def _forget(self) -> None:
        """Empty the cache: after an abort it does not hold what the wrapper believes it holds."""
        self._model.n_tokens = 0
        llama_cpp.llama_memory_clear(llama_cpp.llama_get_memory(self._model.ctx), True)  # noqa: FBT003  # no keywords in C

    def _formatter(self) -> Jinja2ChatFormatter | None:
        """The file's own chat template; None if it has none (the wrapper would silently take llama-2's)."""
        template = self._model.metadata.get("tokenizer.chat_template")
        if not template:
            return None
        return Jinja2ChatFormatter(
            template, self._special(self._model.token_eos()), self._special(self._model.token_bos())
        )

    def _special(self, token: int) -> str:
        if token < 0:
            return ""
        return self._model.detokenize([token], special=True).decode("utf-8", "replace")

    def _tokens(self, text: str) -> list[int]:
        if self._template is None:
            return self._tokenized(text, special=False, add_bos=True)
        messages: list[Any] = [{"role": "user", "content": text}]
        try:
            prompt = self._template(messages=messages, enable_thinking=False).prompt
        except Exception as error:  # a template is a program from the file: whatever it raises, the file is at fault
            raise ModelError(f"The chat template of {self.file.path.name} does not work ({error}).", _CHOOSE) from error
        bos = self._special(self._model.token_bos())
        return self._tokenized(prompt, special=True, add_bos=not (bos and prompt.startswith(bos)))

    def _tokenized(self, text: str, *, special: bool, add_bos: bool) -> list[int]:
        tokens: list[int] = self._model.tokenize(text.encode("utf-8"), add_bos=add_bos, special=special)
        return tokens


def threads(cores: int | None) -> int:
    """Threads to compute with: one core is left to the person, as a busy core halts every thread that waits for it."""
    return max(1, (cores or 1) - 1)


def load_backends() -> None:
    """Load llama.cpp's compute libraries, if the build has them apart, one for each kind of processor.

    The functions are looked up through the library that the models run in: a wheel holds copies of the same library
    under several names, and a backend that is loaded into a copy does not exist for the others.

    Raises:
        ModelError: if none of them fits this machine.
    """
    llama_cpp.llama_log_set(_note_fault, ctypes.c_void_p(0))
    library = llama_cpp.llama_cpp._lib  # noqa: SLF001  # the wrapper offers no function for it
    count = library.ggml_backend_dev_count
    count.restype = ctypes.c_size_t
    if count() == 0:
        load = library.ggml_backend_load_all_from_path
        load.argtypes, load.restype = [ctypes.c_char_p], None
        load(os.fsencode(Path(library._name).parent))  # noqa: SLF001  # ctypes keeps the path nowhere else
    if count() == 0:
        raise ModelError("llama.cpp found no compute library for this processor.", "Build it again with: make run")


def _noted(level: int, text: bytes, _: object) -> None:
    """Keep what llama.cpp complains of, as the reason when a model does not load; let the rest of its log go."""
    if level == _LOG_ERROR:
        _faults.append(text.decode("utf-8", "replace").strip())


_note_fault = llama_cpp.llama_log_callback(_noted)


def _load(file: ModelFile, context_tokens: int) -> llama_cpp.Llama:
    count = threads(len(os.sched_getaffinity(0)))
    _faults.clear()
    try:
        return llama_cpp.Llama(
            str(file.path),
            n_gpu_layers=-1,
            n_ctx=context_tokens,
            n_batch=_BATCH_TOKENS,
            n_ubatch=_BATCH_TOKENS,
            n_threads=count,
            n_threads_batch=count,
            use_mmap=file.use_mmap,
            seed=_SEED,
            verbose=False,
        )
    except TemplateError as error:
        raise ModelError(f"The chat template of {file.path.name} does not work ({error}).", _CHOOSE) from error
    except (ValueError, RuntimeError, KeyError, AssertionError) as error:  # the kinds its loader is known to raise
        reason = _faults[0] if _faults else str(error)
        raise ModelError(f"llama.cpp cannot load {file.path.name}: {reason}.", _CHOOSE) from error
