"""Secrets that give themselves away by their own form: issued tokens, private keys, card and account numbers.

Every pattern starts at a boundary and has no nested repetition, so a search is linear in the text.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import Final, NamedTuple


class Found(NamedTuple):
    """A secret in a text: text[start:end], and what kind it is ("github-token")."""

    start: int
    end: int
    kind: str


_START: Final = r"(?<![A-Za-z0-9])"
_END: Final = r"(?![A-Za-z0-9])"

# What a token's text holds whatever else it holds: looking for that first is what makes ordinary text cheap.
_ISSUED: Final = tuple(
    (kind, tuple(hints.split()), re.compile(_START + pattern))
    for kind, hints, pattern in (
        ("aws-key", "AKIA ASIA ABIA ACCA", r"(?:AKIA|ASIA|ABIA|ACCA)[A-Z0-9]{16}" + _END),
        ("github-token", "gh github_pat_", r"(?:gh[opsur]_[A-Za-z0-9_.-]{30,}|github_pat_[A-Za-z0-9_]{22,})"),
        ("gitlab-token", "gl", r"gl(?:pat|dt|rt|cbt|ptt|ft|imt|agent|soat|ffct|oas)-[A-Za-z0-9_=.-]{20,}"),
        ("slack-token", "xox xapp-", r"(?:xox[abceoprs]|xapp)-[A-Za-z0-9-]{10,}"),
        ("slack-webhook", "hooks.slack", r"hooks\.slack\.com/(?:services|workflows)/[A-Za-z0-9/_-]{20,}"),
        ("stripe-key", "k_live_ k_test_ whsec_", r"(?:[sr]k_(?:live|test)_[A-Za-z0-9]{16,}|whsec_[A-Za-z0-9+/=]{20,})"),
        ("ai-key", "sk-", r"sk-(?:proj|svcacct|admin|ant|or)-[A-Za-z0-9_-]{20,}"),
        (
            "ai-key",
            "sk- hf_ gsk_ xai-",
            r"(?:sk-[A-Za-z0-9]{32,}|hf_[A-Za-z0-9]{30,}|gsk_[A-Za-z0-9]{30,}|xai-[A-Za-z0-9]{30,})" + _END,
        ),
        (
            "google-key",
            "AIza GOCSPX- ya29.",
            r"(?:AIza[A-Za-z0-9_-]{35}|GOCSPX-[A-Za-z0-9_-]{20,}|ya29\.[A-Za-z0-9_-]{20,})",
        ),
        ("google-key", "1//0", r"1//0[A-Za-z0-9_-]{30,}"),
        ("npm-token", "npm_", r"npm_[A-Za-z0-9]{36}" + _END),
        ("pypi-token", "pypi-", r"pypi-AgE[A-Za-z0-9_-]{30,}"),
        ("sendgrid-key", "SG.", r"SG\.[A-Za-z0-9_-]{16,}\.[A-Za-z0-9_-]{16,}"),
        (
            "cloud-token",
            "_v1_ dckr_pat_ hv",
            r"(?:do[opr]_v1_[a-f0-9]{64}|dckr_pat_[A-Za-z0-9_-]{20,}|hv[sb]\.[A-Za-z0-9_-]{20,})",
        ),
        (
            "cloud-token",
            "shp dapi rubygems_",
            r"(?:shp(?:at|ca|pa|ss)_[a-fA-F0-9]{32}|dapi[a-f0-9]{32}|rubygems_[a-f0-9]{48})" + _END,
        ),
        ("bot-token", ":AA", r"[0-9]{8,10}:AA[A-Za-z0-9_-]{32,}"),
        ("age-key", "AGE-SECRET", r"AGE-SECRET-KEY-1[A-Z0-9]{50,}"),
        ("jwt", "eyJ", r"eyJ[A-Za-z0-9_-]{8,}\.[A-Za-z0-9_-]{8,}\.[A-Za-z0-9_.-]*"),
        ("private-key", "b3Bl", r"b3BlbnNzaC1rZXktdjE[A-Za-z0-9+/=\s]*"),
    )
)
_PRIVATE_KEY: Final = re.compile(
    r"-----BEGIN [A-Z0-9 ]{0,40}PRIVATE KEY(?: BLOCK)?-----.*?(?:-----END [A-Z0-9 ]{0,60}-----|\Z)", re.DOTALL
)

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
    for kind, hints, pattern in _ISSUED:
        if any(hint in text for hint in hints):
            for match in pattern.finditer(text):
                yield Found(match.start(), match.end(), kind)
    for match in _CARD.finditer(text):
        if _is_card(match.group()):
            yield Found(match.start(), match.end(), "card")
    yield from _ibans(text)


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
