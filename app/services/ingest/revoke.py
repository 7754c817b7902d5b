"""What is done once a sense has no consent any more: what the desktop gave for it is given back."""

from __future__ import annotations

from collections.abc import Iterable, Mapping

from app.paths import Paths
from collectors.catalog import CollectorSpec


def revoke_grants(senses: Iterable[CollectorSpec], paths: Paths, environ: Mapping[str, str]) -> None:
    """Give back what the desktop gave for these senses, which do not run. It may wait ten seconds for the desktop.

    Args:
        senses: without consent.
        paths: the profile. The sample senses nothing, so nothing was given for it.
        environ: the environment of the session.
    """
    if paths.is_sample:
        return
    own = {**environ, "XDG_STATE_HOME": str(paths.state.parent)}  # of this profile, wherever it was said to lie
    for sense in senses:
        sense.withdraw(own)
