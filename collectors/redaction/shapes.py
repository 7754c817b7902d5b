"""Secrets that give themselves away by their own form: issued tokens, private keys, card and account numbers.

Every pattern starts at a boundary and has no nested repetition, so a search is linear in the text.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import Final

from collectors.redaction import issuers
from collectors.redaction.issuers import Found

__all__ = ["Found", "find", "luhn"]

_PRIVATE_KEY: Final = re.compile(
    r"-----BEGIN [A-Z0-9 ]{0,40}PRIVATE KEY(?: BLOCK)?-----.*?(?:-----END [A-Z0-9 ]{0,60}-----|\Z)", re.DOTALL
)

_EMAIL: Final = re.compile(r"(?<![\w.+%@/-])[\w.+%-]{1,64}@(?:[\w-]{1,63}\.){1,8}[A-Za-z]{2,24}(?![\w@-]|\.\w|:[\w/~])")
_REMOTE: Final = re.compile(r"\s*(?:\w+=\S*\s+)*(?:ssh|scp|sftp|rsync|mosh|sshfs|ssh-copy-id)\s")
_CARD: Final = re.compile(
    r"(?<![A-Za-z0-9_.-])"
    r"(?:[0-9]{13,19}|[0-9]{4}([ -])[0-9]{4}\1[0-9]{4}\1[0-9]{1,7}|3[0-9]{3}([ -])[0-9]{6}\2[0-9]{4,5})"
    r"(?![A-Za-z0-9_-]|\.[0-9])"
)
# Ranges of ISO/IEC 7812 that the large schemes issue from: without them every tenth long number would be a card.
_ISSUERS: Final = (
    (re.compile(r"4"), frozenset({13, 16, 19})),
    (re.compile(r"5[1-5]|222[1-9]|22[3-9]|2[3-6]|27[01]|2720"), frozenset({16})),
    (re.compile(r"3[47]"), frozenset({15})),
    (re.compile(r"6011|65|64[4-9]"), frozenset({16, 19})),
    (re.compile(r"35(?:2[89]|[3-8])"), frozenset({16, 19})),
    (re.compile(r"3(?:6|8|9|0[0-5])"), frozenset({14})),
    (re.compile(r"62"), frozenset({16, 17, 18, 19})),
)

_IBAN_LEAD: Final = re.compile(r"(?<![A-Za-z0-9])([A-Z]{2})(?!00|01|99)[0-9]{2}(?= ?[A-Z0-9]{4})")
# Lengths of the IBAN registry (ISO 13616), the countries grouped by length.
_IBAN_LENGTH: Final = {
    country: length
    for length, countries in {
        15: "NO",
        16: "BE",
        18: "DK FO FI GL NL SD",
        19: "MK SI",
        20: "AT BA EE KZ LT LU XK MN",
        21: "CH HR LI LV",
        22: "BG BH CR DE GB GE IE ME RS VA",
        23: "AE GI IL IQ OM SO TL",
        24: "AD CZ ES MD PK RO SA SE SK TN VG DZ",
        25: "LY PT ST",
        26: "IS TR",
        27: "BI DJ FR GR IT MC MR SM",
        28: "AL AZ BY CY DO GT HU LB NI PL SV",
        29: "BR EG PS QA UA",
        30: "JO KW MU",
        31: "MT SC",
        32: "LC",
    }.items()
    for country in countries.split()
}
_IBAN_BODY: Final = {
    length: re.compile(rf"(?: ?[A-Z0-9]){{{length - 4}}}(?![A-Za-z0-9])") for length in set(_IBAN_LENGTH.values())
}


def find(text: str) -> Iterator[Found]:
    """Every secret of a known form in `text`, in no particular order; they may overlap."""
    if "PRIVATE KEY" in text:
        for match in _PRIVATE_KEY.finditer(text):
            yield Found(match.start(), match.end(), "private-key")
    yield from issuers.find(text)
    for match in _CARD.finditer(text):
        if _is_card(match.group()):
            yield Found(match.start(), match.end(), "card")
    yield from _ibans(text)


def find_emails(text: str) -> Iterator[Found]:
    """Every e-mail address in `text`, but no login of a remote machine (`ssh me@host`, `git@host:path`)."""
    if "@" not in text or _REMOTE.match(text):
        return
    for match in _EMAIL.finditer(text):
        yield Found(match.start(), match.end(), "email")


def luhn(digits: str) -> bool:
    """Whether the check digit at the end fits (Luhn; ISO/IEC 7812-1, annex B)."""
    total = 0
    for place, digit in enumerate(reversed(digits)):
        value = int(digit) * (1 + place % 2)
        total += value - 9 if value > 9 else value  # noqa: PLR2004 - the digit sum of a doubled digit
    return total % 10 == 0


def _is_card(text: str) -> bool:
    digits = text.replace(" ", "").replace("-", "")
    issued = any(prefix.match(digits) and len(digits) in lengths for prefix, lengths in _ISSUERS)
    return issued and luhn(digits)


def _ibans(text: str) -> Iterator[Found]:
    for lead in _IBAN_LEAD.finditer(text):
        length = _IBAN_LENGTH.get(lead.group(1))
        body = None if length is None else _IBAN_BODY[length].match(text, lead.end())
        if body is None:
            continue
        written = (lead.group() + body.group()).replace(" ", "")
        # ISO 7064 mod 97-10 over the rearranged number, letters counting from 10.
        number = "".join(str(int(character, 36)) for character in written[4:] + written[:4])
        if int(number) % 97 == 1:
            yield Found(lead.start(), body.end(), "iban")
