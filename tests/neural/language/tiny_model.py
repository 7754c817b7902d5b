"""A language model small enough for a test: a real GGUF file of the llama architecture with random weights.

It speaks nonsense, in lower case letters and spaces only: the rows of every other token in its output layer are zero.
"""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

import gguf
import numpy as np

WIDTH, LAYERS, HEADS, FEED_FORWARD, CONTEXT = 64, 2, 4, 128, 4096
TEMPLATE = (
    "{% for message in messages %}<|turn|>{{ message['role'] }}\n{{ message['content'] }}<|end|>\n{% endfor %}"
    "{% if add_generation_prompt %}<|turn|>assistant\n{% endif %}"
)
SPECIALS = ("<|turn|>", "<|end|>", "<|pad|>")


def byte_tokens() -> list[str]:
    """The 256 byte tokens of GPT-2's byte-level alphabet: printable bytes as they are, the others moved up."""
    shown = [*range(33, 127), *range(161, 173), *range(174, 256)]
    moved = iter(range(256, 512))
    return [chr(byte) if byte in shown else chr(next(moved)) for byte in range(256)]


def build(path: Path, *, template: str | None = TEMPLATE, ends: Sequence[str] = (), seed: int = 0) -> Path:
    """Write the model.

    Args:
        path: where to.
        template: its chat template; None for a file without.
        ends: tokens that it may also say, next to letters and spaces ("<|end|>" lets it stop).
        seed: of the weights.
    """
    random = np.random.default_rng(seed)
    tokens = [*byte_tokens(), "th", "he", *SPECIALS]
    speaks = [tokens.index(char) for char in ("\u0120", *"etaoinshrdlu", *ends)]
    writer = gguf.GGUFWriter(path, "llama")
    writer.add_name("tiny")
    writer.add_context_length(CONTEXT)
    writer.add_embedding_length(WIDTH)
    writer.add_block_count(LAYERS)
    writer.add_feed_forward_length(FEED_FORWARD)
    writer.add_head_count(HEADS)
    writer.add_head_count_kv(HEADS)
    writer.add_layer_norm_rms_eps(1e-5)
    writer.add_rope_dimension_count(WIDTH // HEADS)
    writer.add_rope_freq_base(10_000.0)
    writer.add_vocab_size(len(tokens))
    writer.add_file_type(gguf.LlamaFileType.ALL_F32)
    writer.add_tokenizer_model("gpt2")
    writer.add_tokenizer_pre("smollm")
    writer.add_token_list(tokens)
    kinds = [gguf.TokenType.NORMAL] * (len(tokens) - len(SPECIALS)) + [gguf.TokenType.CONTROL] * len(SPECIALS)
    writer.add_token_types(kinds)
    writer.add_token_merges(["t h", "h e"])
    writer.add_bos_token_id(tokens.index("<|turn|>"))
    writer.add_eos_token_id(tokens.index("<|end|>"))
    writer.add_pad_token_id(tokens.index("<|pad|>"))
    if template is not None:
        writer.add_chat_template(template)

    def normal(*shape: int) -> np.ndarray:
        return random.normal(0, 0.3, shape).astype(np.float32)

    output = np.zeros((len(tokens), WIDTH), np.float32)
    output[speaks] = normal(len(speaks), WIDTH) * 4
    writer.add_tensor("token_embd.weight", normal(len(tokens), WIDTH))
    writer.add_tensor("output_norm.weight", np.ones(WIDTH, np.float32))
    writer.add_tensor("output.weight", output)
    for layer in range(LAYERS):
        for name, shape in (
            ("attn_q", (WIDTH, WIDTH)),
            ("attn_k", (WIDTH, WIDTH)),
            ("attn_v", (WIDTH, WIDTH)),
            ("attn_output", (WIDTH, WIDTH)),
            ("ffn_gate", (FEED_FORWARD, WIDTH)),
            ("ffn_up", (FEED_FORWARD, WIDTH)),
            ("ffn_down", (WIDTH, FEED_FORWARD)),
        ):
            writer.add_tensor(f"blk.{layer}.{name}.weight", normal(*shape))
        for name in ("attn_norm", "ffn_norm"):
            writer.add_tensor(f"blk.{layer}.{name}.weight", np.ones(WIDTH, np.float32))
    writer.write_header_to_file()
    writer.write_kv_data_to_file()
    writer.write_tensors_to_file()
    writer.close()
    return path
