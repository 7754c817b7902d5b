"""Tokens and keys that their issuers mark: a prefix, or a shape that nothing else has.

The prefixes, alphabets and lengths are those that the issuers document, checked against the default rules of gitleaks
(MIT) for issuers that were missing; the patterns are our own. Every pattern starts at a boundary and has no nested
repetition, so a search is linear in the text.
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
_W: Final = r"[A-Za-z0-9_-]"
_A: Final = r"[A-Za-z0-9]"
_X: Final = r"[a-f0-9]"
_UUID: Final = rf"{_X}{{8}}-{_X}{{4}}-{_X}{{4}}-{_X}{{4}}-{_X}{{12}}"

# What a token's text holds whatever else it holds, and the token: looking for the first is what makes ordinary text
# cheap. The kind stands once for all lines below it.
_TABLE: Final[tuple[tuple[str, tuple[tuple[str, str], ...]], ...]] = (
    (
        "cloud-key",
        (
            ("AKIA ASIA ABIA ACCA A3T", r"(?:AKIA|ASIA|ABIA|ACCA|A3T[A-Z0-9])[A-Z0-9]{16}" + _END),
            ("LTAI", rf"LTAI{_A}{{12,24}}" + _END),
            ("AKID", rf"AKID{_A}{{32}}" + _END),
            ("AQVN", rf"AQVN{_W}{{35,38}}"),
            ("YC", rf"YC(?:AJ|M|P){_W}{{35,38}}" + _END),
            ("t1.", rf"t1\.{_W}{{8,}}={{0,2}}\.{_W}{{86}}"),
            ("_v1_", rf"do[opr]_v1_{_X}{{64}}"),
            ("Q~", r"[A-Za-z0-9_~.]{3}[0-9]Q~[A-Za-z0-9_~.-]{31,34}"),
            ("AccountKey=", r"AccountKey=[A-Za-z0-9+/]{40,}={0,2}"),
            ("ABSK bedrock-", r"(?:ABSK[A-Za-z0-9+/]{60,}|bedrock-api-key-[A-Za-z0-9+/=]{20,})"),
            ("v1.0-", rf"v1\.0-{_X}{{24}}-{_X}{{100,}}"),
            ("fo1_ fm1 fm2_", rf"(?:fo1_{_W}{{43}}|fm(?:1[ar]|2)_[A-Za-z0-9+/]{{60,}})"),
            ("HRKU-", rf"HRKU-{_W}{{36,}}"),
            ("tk-us-", rf"tk-us-{_W}{{48}}"),
            ("SCW", r"SCW[A-Z0-9]{17}" + _END),
            ("nfp_", rf"nfp_{_A}{{36,40}}" + _END),
            ("vercel_ vc", rf"(?:vercel_|vc[piakr]_){_A}{{24,}}" + _END),
            ("cfut_ cfat_ cfk_", rf"cf(?:ut|at|k)_{_A}{{36,}}" + _END),
            ("sbp_ sb_secret_", rf"(?:sbp_{_X}{{40}}|sb_secret_{_W}{{20,}})"),
            ("pscale_", r"pscale_(?:tkn|oauth|pw)_[\w=.-]{32,64}"),
            ("napi_", rf"napi_{_A}{{40,}}" + _END),
            ("4b1d", rf"4b1d{_A}{{38}}" + _END),
            ("dapi", rf"dapi{_X}{{32}}" + _END),
            ("dnkey-", rf"dnkey-{_W}{{26}}-{_W}{{40,}}"),
            ("tskey-", rf"tskey-[a-z]{{2,9}}-{_A}{{8,}}-{_A}{{20,}}" + _END),
        ),
    ),
    (
        "github-token",
        (("gh github_pat_", r"(?:gh[opsur]_[A-Za-z0-9_.-]{30,}|github_pat_[A-Za-z0-9_]{22,})"),),
    ),
    (
        "gitlab-token",
        (
            ("gl", r"gl(?:pat|dt|rt|rtr|cbt|ptt|ft|imt|agent|soat|ffct|oas|wt)-[A-Za-z0-9_=.-]{20,}"),
            ("GR1348941", rf"GR1348941{_W}{{20}}"),
        ),
    ),
    (
        "chat-token",
        (
            ("xox xapp-", r"(?:xoxe\.)?(?:xox[abceoprsd]|xapp)-[A-Za-z0-9%-]{10,}"),
            (":AA", r"[0-9]{8,10}:AA[A-Za-z0-9_-]{32,}"),
            ("M N O", rf"[MNO][A-Za-z0-9]{{23,27}}\.{_W}{{6}}\.{_W}{{27,38}}" + _END),
        ),
    ),
    (
        "webhook",
        (
            ("hooks.slack", r"hooks\.slack(?:-gov)?\.com/(?:services|workflows|triggers)/[A-Za-z0-9/_+-]{20,}"),
            ("api/webhooks/", rf"discord(?:app)?\.com/api/webhooks/[0-9]{{15,20}}/{_W}{{60,}}"),
            ("webhook.office.com", r"webhook\.office\.com/webhookb2/[A-Za-z0-9@/-]{40,}"),
            ("whsec_", r"whsec_[A-Za-z0-9+/=]{20,}"),
        ),
    ),
    (
        "payment-key",
        (
            ("k_live_ k_test_ k_prod_", r"[sr]k_(?:live|test|prod)_[A-Za-z0-9]{10,}"),
            ("sq0", rf"sq0(?:atp|csp|idp)-{_W}{{22,}}"),
            ("EAAA", rf"EAAA{_W}{{56,60}}" + _END),
            ("access_token$", rf"access_token\$(?:production|sandbox)\$[a-z0-9]{{16}}\${_X}{{32}}"),
            ("FLWSECK", rf"FLWSECK(?:_TEST)?-{_A}{{12,40}}(?:-X)?"),
            ("access-", rf"access-(?:sandbox|development|production)-{_UUID}"),
            ("shippo_", rf"shippo_(?:live|test)_{_X}{{40}}"),
            ("duffel_", rf"duffel_(?:live|test)_{_W}{{43}}"),
            ("EZAK EZTK", rf"EZ[AT]K{_A}{{54}}" + _END),
            ("live_ test_", rf"(?:live|test)_(?:pub_)?{_X}{{31,35}}" + _END),
            ("shp", r"shp(?:at|ca|pa|ss|tka)_[a-fA-F0-9]{32}" + _END),
        ),
    ),
    (
        "ai-key",
        (
            ("sk-", r"sk-(?:proj|svcacct|admin|service|ant|or|lf)-[A-Za-z0-9_-]{20,}"),
            ("sk-", rf"sk-{_A}{{32,}}" + _END),
            ("hf_ api_org_", rf"(?:hf|api_org)_{_A}{{30,}}" + _END),
            ("gsk_ xai- csk- fw_ pplx-", rf"(?:gsk_|xai-|csk-|fw_|pplx-){_A}{{22,}}" + _END),
            ("tvly- nvapi-", rf"(?:tvly-(?:dev-|prod-)?{_A}{{24,}}|nvapi-{_W}{{40,}})" + _END),
            ("r8_", rf"r8_{_A}{{37}}" + _END),
            ("pcsk_ jina_", rf"(?:pcsk_{_A}{{5,6}}_{_A}{{50,}}|jina_{_A}{{40,}})" + _END),
            ("lsv2_", rf"lsv2_(?:pt|sk)_{_X}{{32}}_{_X}{{10}}"),
        ),
    ),
    (
        "google-key",
        (
            ("AIza", rf"AIza{_W}{{35}}"),
            ("GOCSPX-", rf"GOCSPX-{_W}{{20,}}"),
            ("ya29.", r"ya29\.[A-Za-z0-9_.-]{20,}"),
            ("1//0", rf"1//0{_W}{{30,}}"),
        ),
    ),
    (
        "package-token",
        (
            ("npm_", rf"npm_{_A}{{36}}" + _END),
            ("pypi-", rf"pypi-AgE{_W}{{30,}}"),
            ("rubygems_", rf"rubygems_{_X}{{48}}" + _END),
            ("CLOJARS_", rf"CLOJARS_{_A}{{60}}" + _END),
            ("cio", rf"cio{_A}{{32}}" + _END),
            ("oy2", r"oy2[a-z0-9]{43}" + _END),
            ("dckr_", rf"dckr_(?:pat|oat)_{_W}{{20,}}"),
            ("AKCp cmVm", rf"(?:AKCp{_A}{{69}}|cmVmd{_A}{{59}})" + _END),
        ),
    ),
    (
        "mail-key",
        (
            ("SG.", rf"SG\.{_W}{{16,}}\.{_W}{{16,}}"),
            ("key-", rf"(?:pub)?key-{_X}{{32}}" + _END),
            ("-us", rf"{_X}{{32}}-us[0-9]{{1,2}}" + _END),
            ("xkeysib- xsmtpsib-", rf"x(?:key|smtp)sib-{_X}{{64}}-{_A}{{16}}"),
            ("re_", rf"re_{_A}{{8}}_(?=[a-z]*[A-Z0-9]){_A}{{20,}}" + _END),
            ("SK", rf"SK{_X}{{32}}" + _END),
        ),
    ),
    (
        "service-token",
        (
            ("hv s.", rf"(?:hv[sbr]\.{_W}{{20,}}|s\.(?=[A-Za-z]*[0-9]){_A}{{24}}" + _END + r")"),
            ("atlasv1.", rf"{_A}{{14}}\.atlasv1\.{_W}{{60,}}"),
            ("ATATT ATCTT ATBB", rf"(?:AT[AC]TT3[A-Za-z0-9_=-]{{60,}}|ATBB{_A}{{24,}})"),
            ("dp.", rf"dp\.(?:pt|st|ct|sa|scim|audit)\.(?:[a-z0-9_-]{{2,35}}\.)?{_A}{{40,44}}" + _END),
            ("ops_eyJ", r"ops_eyJ[A-Za-z0-9+/=]{60,}"),
            ("A3-", r"A3-[A-Z0-9]{6}-(?:[A-Z0-9]{11}|[A-Z0-9]{6}-[A-Z0-9]{5})(?:-[A-Z0-9]{5}){3}"),
            ("lin_", rf"lin_(?:api|oauth)_{_A}{{32,}}" + _END),
            ("ntn_ secret_", rf"(?:ntn_[0-9]{{11}}{_A}{{35}}|secret_{_A}{{43}})" + _END),
            ("figd_ figu", rf"fig(?:d|u[rh]?)_{_W}{{36,}}"),
            ("pat", rf"pat{_A}{{14}}\.{_X}{{64}}" + _END),
            ("PMAK-", rf"PMAK-{_X}{{24}}-{_X}{{34}}"),
            ("gl", r"gl(?:c|sa)_[A-Za-z0-9+/=_]{32,}"),
            ("NR", r"NR(?:AK|II|JS|BR|IQ)-[A-Za-z0-9_-]{19,}"),
            ("dt0", r"dt0[a-z][0-9]{2}\.[A-Z0-9]{24}\.[A-Z0-9]{64}"),
            ("sntry", rf"sntry(?:[ui]_{_X}{{64}}|s_eyJ[A-Za-z0-9+/=_]{{60,}})"),
            ("phc_ phx_ phs_", rf"ph[cxs]_{_A}{{40,}}" + _END),
            ("sgp_ slk_", rf"(?:sgp|slk)_(?:(?:{_X}{{16}}|local)_)?{_X}{{40,}}"),
            ("sqp_ squ_ sqa_", rf"sq[pua]_{_X}{{40}}" + _END),
            ("pul-", rf"pul-{_X}{{40}}" + _END),
            ("pnu_ pnb_", rf"pn[ub]_{_A}{{36}}" + _END),
            ("rdme_", r"rdme_[a-z0-9]{70}" + _END),
            ("API-", r"API-(?=[A-Z]*[0-9])[A-Z0-9]{26,32}" + _END),
            ("CCIPAT_ CCIPRJ_", rf"CCIP(?:AT|RJ)_{_A}{{22}}_{_X}{{40}}"),
            ("bkua_", rf"bkua_{_X}{{40}}" + _END),
            ("sha256~", rf"sha256~{_W}{{43}}"),
            ("fio-u-", rf"fio-u-{_W}{{60,}}"),
            ("tfp_", r"tfp_[A-Za-z0-9_.=-]{40,}"),
            ("_mmk", rf"{_A}{{6}}_{_A}{{29}}_mmk" + _END),
            ("p8e-", r"p8e-[a-zA-Z0-9]{32}" + _END),
            ("pk. sk.", rf"[ps]k\.eyJ{_W}{{20,}}\.{_W}{{20,}}"),
            ("EAA", rf"EAA[A-Z]{_A}{{80,}}" + _END),
            ("IGQV", rf"IGQV{_W}{{60,}}"),
            ("AAAAAAAAAAAAAAAAAAAAA", r"A{21,22}[A-Za-z0-9%]{60,}"),
            ("sl.", rf"sl\.(?:u\.)?{_W}{{100,}}"),
            ("sm_", rf"sm_[aps]at_{_A}{{16,}}" + _END),
            ("ory_", rf"ory_(?:at|rt|ac|pat|wak)_{_W}{{32,}}(?:\.{_W}{{32,}})?"),
            ("waka_", rf"waka_(?:{_UUID}|tok_{_A}{{40,}})"),
            ("apify_api_", rf"apify_api_{_A}{{30,}}" + _END),
        ),
    ),
    (
        "crypto-key",
        (
            ("AGE-SECRET", r"AGE-SECRET-KEY-(?:PQ-)?1[A-Z0-9]{50,}"),
            ("xprv", r"[xyzt]prv[1-9A-HJ-NP-Za-km-z]{100,112}" + _END),
            ("nsec1", r"nsec1[a-z0-9]{58}" + _END),
        ),
    ),
    (
        "jwt",
        (("eyJ", r"eyJ[A-Za-z0-9_-]{8,}\.[A-Za-z0-9_-]{8,}\.[A-Za-z0-9_.-]*"),),
    ),
    (
        "private-key",
        (("b3Bl", r"b3BlbnNzaC1rZXktdjE[A-Za-z0-9+/=\s]*"),),
    ),
)
_HINTED: Final = tuple(
    (hint, kind, re.compile(_START + pattern))
    for kind, rows in _TABLE
    for hints, pattern in rows
    for hint in hints.split()
)
# Every token above has at least so long a run; most commands and titles have none, and are distinguished by one search.
_RUN: Final = re.compile(r"[A-Za-z0-9_=+~%$-]{15}")


def find(text: str) -> Iterator[Found]:
    """Every token in `text` that its issuer marks, in no particular order; they may overlap."""
    if _RUN.search(text) is None:
        return
    for hint, kind, pattern in _HINTED:
        if hint in text:
            for match in pattern.finditer(text):
                yield Found(match.start(), match.end(), kind)
