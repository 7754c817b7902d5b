"""Secrets that only their surroundings give away: assignments, options, headers, addresses, programs' own switches.

A context is found by a pattern; the value is then read from the end of the match, and the search goes on behind it,
so that each character is looked at a bounded number of times.
"""

# ruff: noqa: SIM905 - long lists of words read best as words

from __future__ import annotations

import math
import re
from collections import Counter
from collections.abc import Iterator
from typing import Final

from collectors.redaction import phrases
from collectors.redaction.names import is_key_name, is_secret_name
from collectors.redaction.shapes import Found

_QUOTED: Final = r"""'[^']*(?:'|\Z)|"(?:\\.|[^"\\])*(?:"|\\?\Z)"""
_VALUE: Final = re.compile(_QUOTED + r"""|(?:\\.|[^\s'"`;&|\\])+|`[^`]*`?""", re.DOTALL)
_UNTIL: Final = {quote: re.compile(f"[^{quote}&]*") for quote in "'\""}

_ASSIGNMENT: Final = re.compile(
    r"""(["']?)(?<![\w.-])(-{0,2}[A-Za-z_][\w.-]*)(["']?)(\s{0,8}(?::=|:\s{0,4}(?:&?str|[Ss]tring|any)\s{0,4}=|=(?:=(?=\S))?(?![=>~])|:(?!//))\s{0,8})"""
)
_OPTION: Final = re.compile(r"(?<![\w-])--?([A-Za-z][\w-]*)\s{1,8}(?=[^\s-])")
_SET: Final = re.compile(r"(?<![\w.-])set(?:env)?\s{1,8}(?:--?[A-Za-z-]{1,20}\s{1,8}){0,4}([A-Za-z_]\w*)\s{1,8}")
_HEADER: Final = re.compile(
    r"""(?i)(?<![A-Za-z0-9])(?:(?:proxy-)?authorization\s{0,4}[:=]\s{0,4}["']?(?:([a-z0-9-]{2,20})\s+)?|(bearer)\s+(?=[^\s'"]{12}))"""
    r"""(?!<|(?:bearer|basic|token)\s)([^\s'"]+)"""
)
_SCHEMES: Final = frozenset(
    "apikey api-key api-token aws aws4-hmac-sha256 basic bearer bot digest discogs dpop genie hawk hmac key mac"
    " negotiate ntlm oauth sharedkey signature splunk sso-key ssws token".split()
)
_COOKIE: Final = re.compile(r"""(?i)(?<![A-Za-z0-9-])(?:set-)?cookie:\s{0,4}([^'"\n]+)""")
_URL_LOGIN: Final = re.compile(
    r"""(?<![a-z0-9+.-])[a-z][a-z0-9+.-]{0,30}://([^\s/:?#'"@]*)(:[^\s/'"]*)?@""", re.IGNORECASE
)
_QUERY: Final = re.compile(r"[?&#;]([A-Za-z_][\w.-]{0,60})=([^&#;\s'\"]+)")

_QUERY_ONLY: Final = frozenset(
    "sig signature auth code key sid session sessionid session_id phpsessid jsessionid ticket samlresponse hash"
    " x-amz-signature x-amz-credential x-goog-signature x-goog-credential".split()
)
_MIN_KEY_CHARS: Final = 20

_PLACEHOLDER: Final = re.compile(
    r"""\$\w+|\$\{[^}]*\}|\$\(.*|`.*|%[A-Z_]+%|%[sdr]|\{[^}]*\}|<[^>]*>|\*+|\.{3}|x{3,}|true|false|null|none|yes|no|\[.*|@-|@[\w~-]*[/.][\w./~-]*|‹redacted:.*""",
    re.IGNORECASE | re.DOTALL,
)
_PATH: Final = re.compile(r"(?:~|\.{1,2})?/[\w.@+-]+(?:/[\w.@+-]+)*|[\w./-]+\.(?:pem|key|pub|json|ya?ml|txt|crt)")
_CODE: Final = re.compile(r"[A-Za-z_][\w.]{0,80}\(.*|await|new|yield|not|self|this|function|lambda", re.DOTALL)
_PROSE: Final = re.compile(r"[A-Za-z]{1,15}[,.?)!:]?(?: [A-Za-z]{1,15}[,.?)!:]?)*|[^\w]+")
_BRACKETED: Final = re.compile(r"<[^>]*>")
_ELSEWHERE: Final = re.compile(r"(?:env|file|fd):.*|stdin|(?:id|src|source|type|target)=.*", re.DOTALL)
_CONTAINERS: Final = re.compile(r"(?<![\w-])(?:docker|podman|buildah|nerdctl|buildctl)\s")
_COUNT: Final = re.compile(r"[0-9.,/%]{1,8}")

_VERSION: Final = re.compile(r"[0-9]+(?:\.[0-9]+)*\w{0,8}")

_SEGMENT: Final = r"""(?:'[^']*(?:'|\Z)|"(?:\\.|[^"\\])*(?:"|\\?\Z)|[^|;&\n'"])*"""
# Which program takes a password behind which switch: the switch's pattern ends right before the password.
_PROGRAMS: Final = tuple(
    (tuple(hints.split()), re.compile(rf"(?<![\w.-])(?:{names})(?![\w-]){_SEGMENT}"), re.compile(switch))
    for hints, names, switch in (
        (
            "mysql maria mycli 7z",
            r"mysql|mysqldump|mysqladmin|mysqlimport|mysqlshow|mysqlsh|mariadb(?:-\w+)?|mycli|7z[ar]?",
            r"\s-p(?=\S)",
        ),
        (
            "sshpass mongo login",
            r"sshpass|mongo(?:sh|dump|restore|export|import)?|docker\s+login|podman\s+login|az\s+login",
            r"\s-p\s*(?=[^\s-])",
        ),
        ("sqlcmd zip", r"sqlcmd|zip|unzip", r"\s-P\s*(?=[^\s-])"),
        ("redis-cli", r"redis-cli", r"\s-a\s*(?=[^\s-])"),
        ("ldap", r"ldap(?:search|modify|add|delete|passwd|whoami)", r"\s-w\s*(?=[^\s-])"),
        (
            "curl",
            r"curl",
            r"""\s(?:-u|-U|--user|--proxy-user)[\s=]*["']?(?:[^\s:'"<-][^\s:'"]*)?["']?:(?!["'](?:\s|\Z))""",
        ),
        ("curl", r"curl", r"""\s(?:-u|--user)[\s=]*["']?(?=[^\s:'"$<-]{8,}:["']?(?:\s|\Z))"""),
        ("smbclient rpcclient net", r"smbclient|rpcclient|net", r"\s-U\s*[^\s%]+%"),
        ("openssl", r"openssl", r"\s-(?:pass|passin|passout|k)\s+(?:pass:)?(?!(?:env|file|fd|stdin)\b)"),
        ("htpasswd", r"htpasswd\s+-\w*b\w*", r"htpasswd\s+-\w*b\w*\s+\S+\s+\S+\s+"),
        ("nmcli", r"nmcli", r"\s(?:password|psk|wifi-sec\.psk)\s+"),
        ("encrypt_string", r"ansible-vault\s+encrypt_string", r"encrypt_string\s+(?=[^\s-])"),
        ("vault", r"vault\s+login", r"vault\s+login\s+(?=[^\s=-]+(?:\s|$))"),
        ("--from-literal", r"kubectl", r"""\s--from-literal[=\s]+["']?[^\s='"]+="""),
        ("bw", r"bw\s+unlock|bw\s+login\s+\S+", r"bw\s+(?:unlock|login\s+\S+)\s+(?=[^\s-])"),
    )
)
_PIPED: Final = re.compile(r"(?<![\w-])(?:echo|printf)\s{1,4}(?:-\w{1,3}\s{1,4})?")
_INTO_LOGIN: Final = re.compile(
    r"\s{0,4}\|[^|;\n]{0,200}?(?:sudo\s+-S|chpasswd|--password-stdin|--with-token|passwd\s+--stdin|cryptsetup|(?:docker|podman)\s+secret\s+create)"
)
_HERE: Final = re.compile(r"(?:--password-stdin|--with-token|sudo\s+-S)[^\n|;<]{0,100}<<<\s{0,4}")

_NEARBY: Final = re.compile(
    r"(?i)(?<![A-Za-z])(?:passwords?|passwd|passphrase|secrets?|tokens?|api[ _-]?keys?|credentials?|bearer)(?![A-Za-z])"
)
_NEARBY_CHARS: Final = 64
_CANDIDATE: Final = re.compile(r"(?<![A-Za-z0-9+/_.~-])[A-Za-z0-9+/_-]{20,}={0,2}(?![A-Za-z0-9.])")
_HASH_LENGTHS: Final = frozenset({32, 40, 56, 64, 96, 128})
_MIN_ENTROPY_BITS: Final = 3.5
_MIN_USER_TOKEN_CHARS: Final = 20
_MIN_QUERY_CHARS: Final = 12


def find(text: str) -> Iterator[Found]:
    """Every secret that its surroundings in `text` give away, in no particular order; they may overlap."""
    yield from _assigned(text)
    yield from _optioned(text)
    yield from _set_variables(text)
    yield from _headers(text)
    yield from _addresses(text)
    yield from _programs(text)
    yield from _piped(text)
    yield from _nearby(text)
    yield from phrases.find(text, _is_random)


def entropy_bits(text: str) -> float:
    """Shannon entropy of the characters of `text`, bits a character."""
    counts = Counter(text).values()
    return -sum(n / len(text) * math.log2(n / len(text)) for n in counts)


def _secret(value: re.Match[str], kind: str) -> Found:
    """The secret of a value: what stands between its quotes, if it has some."""
    text = value.group()
    opened = text[0] in "'\""
    closed = opened and len(text) > 1 and text[-1] == text[0]
    return Found(value.start() + opened, value.end() - closed, kind)


def _is_secret_value(name: str, value: str, sign: str = "=", *, spaced: bool = False) -> bool:
    """Whether what follows a secret's name is the secret, not a variable, a placeholder, a count or a word of prose."""
    bare = value.strip("'\"") if value[:1] in "'\"" else value
    if not bare or _BRACKETED.fullmatch(bare) or (not value.startswith("'") and _PLACEHOLDER.fullmatch(bare)):
        return False
    lowered = name.lower()
    if lowered.endswith("key") and _PATH.fullmatch(bare):
        return False
    if lowered.endswith("token") and bare.isdigit() and len(bare) <= 6:  # noqa: PLR2004 - a count, such as a limit
        return False
    # Source code: the call of a function, written as programs are, or the version of a package.
    if (spaced and _CODE.fullmatch(value)) or (sign == "==" and _VERSION.fullmatch(bare)):
        return False
    if sign != ":" or value != bare:
        return True
    return not (_PROSE.fullmatch(bare) or (lowered.endswith(("pass", "token")) and _COUNT.fullmatch(bare)))


def _is_key_value(value: str) -> bool:
    bare = value.strip("'\"")
    return len(bare) >= _MIN_KEY_CHARS and _CANDIDATE.fullmatch(bare) is not None and _is_random(bare)


def _assigned(text: str) -> Iterator[Found]:
    if "=" not in text and ":" not in text:
        return
    done = 0
    for match in _ASSIGNMENT.finditer(text):
        opening, name, closing, sign = match.groups()
        if match.start() < done or not (is_secret_name(name) or is_key_name(name)):
            continue
        inside = bool(opening) and not closing
        value = (_UNTIL[opening] if inside else _VALUE).match(text, match.end())
        if value is None:
            continue
        if text.endswith("alias ", 0, match.start()):
            continue  # the name of a command
        random_key = is_secret_name(name) or _is_key_value(value.group())
        if (
            value.group()
            and random_key
            and _is_secret_value(name.lstrip("-"), value.group(), sign.strip(), spaced=sign[:1] == " ")
        ):
            yield _secret(value, "secret")
        done = value.end()


def _optioned(text: str) -> Iterator[Found]:
    if "-" not in text:
        return
    for match in _OPTION.finditer(text):
        name = match.group(1)
        single = not match.group().startswith("--")
        if not is_secret_name(name) or (single and not name.lower().startswith("pass")):
            continue
        value = _VALUE.match(text, match.end())
        if value is None or _ELSEWHERE.fullmatch(value.group()):
            continue
        if name == "secret" and _CONTAINERS.search(text, 0, match.start()):
            continue  # the name of a secret that a container is given
        if _is_secret_value(name, value.group()):
            yield _secret(value, "secret")


def _set_variables(text: str) -> Iterator[Found]:
    """Variables of fish (`set -x NAME value`) and the C shell (`setenv NAME value`), which take no equals sign."""
    for match in _SET.finditer(text) if "set" in text else ():
        name = match.group(1)
        value = _VALUE.match(text, match.end()) if name.isupper() and is_secret_name(name) else None
        if value is not None and _is_secret_value(name, value.group()):
            yield _secret(value, "secret")


def _headers(text: str) -> Iterator[Found]:
    lowered = text.lower()
    for match in _HEADER.finditer(text) if "authorization" in lowered or "bearer" in lowered else ():
        scheme, value = match.group(1) or match.group(2) or "", match.group(3)
        drawn = any(map(str.isdigit, value)) or len(value) >= _MIN_USER_TOKEN_CHARS
        if (drawn or scheme.lower() in _SCHEMES) and not _PLACEHOLDER.fullmatch(value):
            yield Found(match.start(3), match.end(3), "authorization")
    for match in _COOKIE.finditer(text) if "cookie" in lowered else ():
        yield Found(match.start(1), match.end(1), "cookie")


def _addresses(text: str) -> Iterator[Found]:
    for match in _URL_LOGIN.finditer(text) if "://" in text and "@" in text else ():
        user, password = match.group(1), match.group(2)
        if password is not None and len(password) > 1 and not _PLACEHOLDER.fullmatch(password[1:]):
            yield Found(match.start(2) + 1, match.end(2), "password")
        elif password is None and len(user) >= _MIN_USER_TOKEN_CHARS:
            yield Found(match.start(1), match.end(1), "token")
    for match in _QUERY.finditer(text) if "=" in text else ():
        name, value = match.group(1), match.group(2)
        long_enough = len(value) >= _MIN_QUERY_CHARS and any(c.isdigit() for c in value)
        if name.lower() in _QUERY_ONLY and long_enough and not _PLACEHOLDER.fullmatch(value):
            yield Found(match.start(2), match.end(2), "token")


def _programs(text: str) -> Iterator[Found]:
    for hints, program, switch in _PROGRAMS:
        if not any(hint in text for hint in hints):
            continue
        for segment in program.finditer(text):
            for lead in switch.finditer(text, segment.start(), segment.end()):
                value = _VALUE.match(text, lead.end())
                if value is not None and _is_secret_value("password", value.group()):
                    yield _secret(value, "password")


def _piped(text: str) -> Iterator[Found]:
    done = 0
    for match in _PIPED.finditer(text) if "|" in text else ():
        value = _VALUE.match(text, match.end()) if match.start() >= done else None
        if value is None:
            continue
        done = value.end()
        if _INTO_LOGIN.match(text, value.end()) and _is_secret_value("password", value.group()):
            yield _secret(value, "password")
    for match in _HERE.finditer(text) if "<<<" in text else ():
        value = _VALUE.match(text, match.end())
        if value is not None and _is_secret_value("password", value.group()):
            yield _secret(value, "password")


def _nearby(text: str) -> Iterator[Found]:
    for match in _NEARBY.finditer(text):
        for candidate in _CANDIDATE.finditer(text, match.end(), min(len(text), match.end() + _NEARBY_CHARS)):
            # The window may cut a long token: its whole run is what must go.
            whole = _CANDIDATE.match(text, candidate.start())
            if whole is not None and _is_random(whole.group()):
                yield Found(whole.start(), whole.end(), "token")


def _is_random(text: str) -> bool:
    bare = text.rstrip("=")
    if len(bare) in _HASH_LENGTHS and all(c in "0123456789abcdef" for c in bare):
        return False  # a hash: a commit, a digest of a file
    mixed = any(c.isdigit() for c in bare) and any(c.islower() for c in bare) and any(c.isupper() for c in bare)
    return mixed and entropy_bits(bare) >= _MIN_ENTROPY_BITS and not bare.startswith("/")
