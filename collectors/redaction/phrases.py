"""Secrets that stand in a sentence: a code somebody was sent, a password in SQL, the token in the path of a link."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator
from typing import Final

from collectors.redaction.shapes import Found

# What passwords and codes are called, and how a sentence goes on to tell one, in the main languages of the desktop.
_PASSWORDS: Final = (
    r"password|passcode|passphrase|pin|passwort|kennwort|mot\s+de\s+passe|contraseña|senha|wachtwoord|has[lł]o|пароль"
)
_CODES: Final = (
    r"(?:(?:access|authentication|authenticator|backup|confirmation|log-?in|one-time|recovery|security|sign-in"
    r"|verification|2fa|otp|sms)[\s-]+(?:pass)?code|otp|one-time\s+pass(?:code|word)"
    r"|(?:bestätigungs|sicherheits|verifizierungs|anmelde|einmal|freigabe)-?code"
    r"|code\s+(?:de\s+)?(?:vérification|sécurité|confirmation|connexion|validation)"
    r"|código\s+de\s+(?:verificación|seguridad|acceso|confirmación|verificação|segurança)"
    r"|codice\s+di\s+(?:verifica|sicurezza|conferma)|verificatiecode|beveiligingscode|kod\s+weryfikacyjny"
    r"|код\s+подтверждения|验证码|驗證碼|認証コード|確認コード|인증번호)"
)
_IS: Final = r"is|was|lautet|ist|est|es|é|è|luidt"
_SPOKEN: Final = re.compile(
    rf"""(?i)(?<![a-z])(?:{_PASSWORDS}|{_CODES}|your\s+code)\s{{1,4}}(?:{_IS})\s{{0,4}}:?\s{{0,4}}"""
    r"""(?:["'\u201c\u2018«„]([^"'\u201d\u2019»“]{4,64})|([^\s"'\u201d\u2019;»“]{4,64}))"""
)
_CODE: Final = re.compile(
    rf"(?i)(?<![a-z]){_CODES}[\s\])】]{{0,4}}(?:{_IS}|:|\uff1a|=)?\s{{0,4}}"
    r"([0-9]{4,8}|[0-9]{3}[ -][0-9]{3})(?![\w.-]?[0-9])"
)
_SENT: Final = re.compile(
    rf"(?i)(?<![\w.-])(?:[a-z]-)?([0-9]{{4,8}}|[0-9]{{3}}[ -][0-9]{{3}})\s{{1,4}}(?:{_IS}|to)\s{{1,4}}"
    r"(?:your|dein|ihr|votre|ton|tu|su|seu|o\s+seu|il\s+tuo|uw|je|twój)\s+(?:[\w-]+\s+){0,4}"
    r"(?:[\w-]*code|otp|pin|passcode|código|codice|kod)(?![a-z])"
)
_SQL: Final = re.compile(
    r"""(?i)(?<![a-z])(?:password(?:\s+for\s+\S{1,64}\s*=)?|identified\s+(?:with\s+\w+\s+)?by(?:\s+password)?)\s+'((?:[^'\\]|\\.|'')+)'"""
)
_LINK: Final = re.compile(
    r"(?i)/(?:[\w-]{0,40}[_-])?(?:reset|invite|invitation|confirm|confirmation|verify|verification|activate|activation"
    r"|magic|magic-link|passwordless|unsubscribe|one-time|recover|share|shared|private|feed)"
    r"(?:[_-][\w-]{0,40})?/((?:[\w.~%+=-]+/){0,2}[\w.~%+=-]{16,})"
)
# One of these is in every sentence that tells a code or a password; most texts have none, and cost little.
_HINTS: Final = (
    *(
        "pass",
        "code",
        "pin",
        "otp",
        "kennwort",
        "identified",
        "contraseña",
        "senha",
        "wachtwoord",
        "hasło",
        "haslo",
        "kod",
    ),
    *("codice", "código", "пароль", "код", "验证码", "驗證碼", "認証", "確認", "인증"),
)
_DIGITS: Final = re.compile(r"[0-9]{3}")
_ADDRESS: Final = "://"
_PLAIN_WORD: Final = re.compile(r"[^\W\d_]+[.!?]?")
_PLAIN_PATH: Final = re.compile(r"(?:[a-z]+[-_./]?)+|(?:[0-9]+[-_./]?)+")


def find(text: str, is_random: Callable[[str], bool]) -> Iterator[Found]:
    """Every secret that a sentence or a link in `text` tells; they may overlap.

    Args:
        text: what is looked at.
        is_random: whether a run of characters looks drawn rather than written.
    """
    lowered = text.lower()
    if not any(hint in lowered for hint in _HINTS):
        lowered = ""
    for match in _SPOKEN.finditer(text) if lowered else ():
        group = 1 if match.group(1) else 2
        value = match.group(group).rstrip(".,)")
        if value and not _PLAIN_WORD.fullmatch(value) and not value.startswith("‹"):
            yield Found(match.start(group), match.start(group) + len(value), "password")
    for pattern in (_SENT, _CODE) if lowered and _DIGITS.search(text) else ():
        for match in pattern.finditer(text):
            yield Found(match.start(1), match.end(1), "code")
    for match in _SQL.finditer(text) if "'" in text and ("password" in lowered or "identified" in lowered) else ():
        if not match.group(1).startswith("‹"):
            yield Found(match.start(1), match.end(1), "password")
    for match in _LINK.finditer(text) if _ADDRESS in text else ():
        last = match.group(1)
        if not _PLAIN_PATH.fullmatch(last) and any(is_random(part) for part in last.split("/")):
            yield Found(match.start(1), match.end(1), "token")
