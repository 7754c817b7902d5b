"""Tokens as their issuers make them, each drawn by a seeded generator: none of them was ever issued."""

# ruff: noqa: SIM905 - a long list of forms reads best as words

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import Final

# {a36}: 36 letters and digits; d digits, x or X hexadecimal, u capitals and digits, l small letters and digits,
# w letters, digits, - and _; b base64; {uuid}.
FORMS: Final = """
AKIA{u16} ASIA{u16} ABIA{u16} LTAI{a20} LTAI{a12} AKID{a32} AQVN{w36} YCAJ{w36} t1.{w12}.{w86} dop_v1_{x64}
doo_v1_{x64} dor_v1_{x64} {a3}8Q~{w32} ABSK{b72} v1.0-{x24}-{x146} fo1_{w43} fm2_{b104} HRKU-{w58} tk-us-{w48}
SCW{u17} nfp_{a36} vercel_{a24} vcp_{a40} cfut_{a40} sbp_{x40} sb_secret_{w32} pscale_tkn_{w43} pscale_oauth_{w43}
pscale_pw_{w43} napi_{a64} 4b1d{a38} dapi{x32} dapi{x32}-2 dnkey-{w26}-{w52} tskey-auth-{a12}-{a32}
tskey-api-{a12}-{a32} ghp_{a36} gho_{a36} ghu_{a36} ghs_{a36} ghr_{a36} github_pat_{a22}_{a59} glpat-{a20}
gldt-{a20} glrt-{a20} glcbt-{a26} glptt-{x40} glft-{a20} glagent-{a50} glsoat-{a20} GR1348941{a20} xoxb-{d12}-{a24}
xoxp-{d12}-{d12}-{d13}-{x32} xoxa-2-{a24} xapp-1-{u11}-{d13}-{x64} xoxe.xoxp-1-{u166} xoxc-{d12}-{x32} {d10}:AA{w33}
M{a23}.{w6}.{w27} O{a25}.{w6}.{w38} https://hooks.slack.com/services/T{u9}/B{u9}/{a24}
https://discord.com/api/webhooks/{d18}/{w68}
example.webhook.office.com/webhookb2/{uuid}@{uuid}/IncomingWebhook/{x32}/{uuid} whsec_{a32} sk_live_{a24}
sk_test_{a24} rk_live_{a24} sq0atp-{w22} sq0csp-{w43} EAAA{w60} access_token$production${l16}${x32}
FLWSECK_TEST-{x32}-X FLWSECK-{x32}-X access-production-{uuid} shippo_live_{x40} duffel_live_{w43} EZAK{a54}
EZTK{a54} live_{x35} test_pub_{x31} shpat_{x32} shpca_{x32} shppa_{x32} shpss_{x32} sk-{a48}
sk-proj-{w74}T3BlbkFJ{w74} sk-svcacct-{w60} sk-ant-api03-{w93}AA sk-or-v1-{x64} hf_{a34} gsk_{a52} xai-{a80}
csk-{l48} fw_{a24} pplx-{a48} tvly-dev-{a32} nvapi-{w64} r8_{a37} pcsk_{a6}_{a63} jina_{a60} lsv2_pt_{x32}_{x10}
AIza{w35} GOCSPX-{w28} ya29.{w60} 1//0{w40} npm_{a36} pypi-AgEIcHlwaS5vcmc{w120} rubygems_{x48} CLOJARS_{x60}
cio{a32} oy2{l43} dckr_pat_{w27} dckr_oat_{w32} AKCp{a69} cmVmd{a59} SG.{w22}.{w43} key-{x32} {x32}-us12
xkeysib-{x64}-{a16} xsmtpsib-{x64}-{a16} re_{a8}_{a24} SK{x32} hvs.{w95} hvb.{w140} hvr.{w95} s.{a12}7{a11}
{a14}.atlasv1.{w67} ATATT3{w186} ATCTT3{w186} ATBB{a32} dp.pt.{a43} dp.st.prd.{a43} ops_eyJ{b250}
A3-{u6}-{u6}-{u5}-{u5}-{u5}-{u5} lin_api_{a40} lin_oauth_{x64} ntn_{d11}{a35} secret_{a43} figd_{w40} pat{a14}.{x64}
PMAK-{x24}-{x34} glc_{b60} glsa_{a32}_{x8} NRAK-{u27} NRII-{w32} NRJS-{x19} dt0c01.{u24}.{u64} sntryu_{x64}
sntrys_eyJ{b90} phc_{a43} phx_{a43} sgp_{x16}_{x40} sgp_local_{x40} sqp_{x40} squ_{x40} pul-{x40} pnu_{a36}
rdme_{l70} API-{u12}4{u13} CCIPAT_{a22}_{x40} bkua_{x40} sha256~{w43} fio-u-{w64} tfp_{w59} {a6}_{a29}_mmk p8e-{l32}
sk.eyJ{w80}.{w22} EAAC{a120} IGQV{w120} AAAAAAAAAAAAAAAAAAAAAA{a80} sl.{w135} sm_pat_{a16} ory_at_{w43}.{w43}
waka_{uuid} apify_api_{a36} AGE-SECRET-KEY-1{u58} xprv{p107} nsec1{l58} eyJhbGciOiJIUzI1NiJ9.eyJ{w40}.{w43}
""".split()
FRAMES: Final = (
    "echo {}",
    "{}",
    "see {} in the notes",
    "git remote add o https://{}@example.org/x.git",
    "./deploy.sh {} --region eu",
    "curl -s 'https://example.org/api?v={}'",
    "Re: {} does not work - Mail",
    "x={} make",
)
_SETS: Final = {
    "a": "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789",
    "d": "123456789",
    "x": "0123456789abcdef",
    "u": "ABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789",
    "l": "abcdefghijklmnopqrstuvwxyz0123456789",
    "w": "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789_-",
    "b": "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/",
    "X": "0123456789ABCDEF",
    "p": "123456789ABCDEFGHJKLMNPQRSTUVWXYZabcdefghijkmnopqrstuvwxyz",
}
_HOLE: Final = re.compile(r"\{(?:([A-Za-z])([0-9]+)|uuid)\}")


def issued(of: object) -> Iterator[tuple[str, str]]:
    """A text and the token in it, for every form.

    Args:
        of: a `planted.Maker`.
    """
    for place, form in enumerate(FORMS):
        token = drawn(form, of)
        yield FRAMES[place % len(FRAMES)].replace("{}", token), token


def drawn(form: str, make: object) -> str:
    """A form with its holes filled."""

    def fill(hole: re.Match[str]) -> str:
        if hole.group(1) is None:
            return str(make.uuid())
        text = make.of(_SETS[hole.group(1)], int(hole.group(2)))
        # A token ends as its issuer ends it: with a letter or a digit, not with a sign that a sentence may end with.
        return str(text if text[-1].isalnum() else text[:-1] + "x")

    return _HOLE.sub(fill, form)
