"""Whether the name of a variable, option or field says that a secret is in it."""

# ruff: noqa: SIM905 - long lists of words read best as words

from __future__ import annotations

import re
from typing import Final

_PLAIN_ENDS: Final = frozenset(
    "password passwd passphrase passcode pass pwd secret token apikey pat psk credential credentials creds jwt otp pin"
    " passwort kennwort motdepasse mdp contrasena senha wachtwoord haslo parola parol lozinka losenord".split()
)
_GLUED_ENDS: Final = tuple("password passwd passphrase passwort secret token apikey sshpass dbpass userpass".split())
_KEY_LEADS: Final = frozenset(
    "api secret access private auth encryption signing account shared master session storage license app service"
    " client webhook deploy write read ingest admin root server integration".split()
)
_KEY_ENDS: Final = frozenset("key pass auth code hash salt seed signature cookie".split())
_OPEN_LEADS: Final = frozenset(
    "public pub primary foreign partition cache sort row hot host issue commit content file git build".split()
)
_NOT_NAMES: Final = frozenset({"pwd", "oldpwd", "pat", "pin"})
_WORDS: Final = re.compile(r"[A-Z]+(?![a-z])|[A-Z]?[a-z]+|[0-9]+")


def is_secret_name(name: str) -> bool:
    """Whether a variable, option or field of this name holds a secret (`DB_PASSWORD`, `authToken`, `x-api-key`)."""
    if name.lower().lstrip("-") in _NOT_NAMES:
        return False
    words = [word.lower() for word in _WORDS.findall(name[-80:])]
    if not words:
        return False
    last = words[-1]
    if last in _PLAIN_ENDS or last.endswith(_GLUED_ENDS):
        return True
    return last == "key" and len(words) > 1 and words[-2] in _KEY_LEADS


def is_key_name(name: str) -> bool:
    """Whether it may hold a key (`OPENAI_KEY`, `licenseKey`): only what its value looks like tells."""
    words = [word.lower() for word in _WORDS.findall(name[-80:])]
    return len(words) > 1 and words[-1] in _KEY_ENDS and words[-2] not in _OPEN_LEADS
