"""Everything of the program that needs no screen, wired together: the command line and the desktop run the same."""

from __future__ import annotations

import os
from collections.abc import Callable, Mapping
from typing import Final

from app.errors import StoreError
from app.paths import Paths
from app.services.access.pairing import Pairing
from app.services.access.tokens import Tokens
from app.services.asking.ask import Asker
from app.services.asking.narrate import AnswerService
from app.services.asking.similarity_search import SimilaritySearch
from app.services.ingest.importer import Importer
from app.services.ingest.pipeline import IngestPipeline
from app.services.learning.brain import Brain
from app.services.learning.forecast import Forecaster
from app.services.learning.moment_index import Moments
from app.services.learning.reward_report import RewardReporter
from app.services.learning.training import Learner
from app.services.maintenance.forget import Forgetter
from app.services.maintenance.housekeeping import Hygiene
from app.services.preferences import Preferences
from app.store.store import Store
from collectors import clock

TOKENS: Final = "api_tokens"
_LOOK_S: Final = 1.0
_SAVE_TIMEOUT_S: Final = 5.0


class Core:
    """The services over one open store. Built and closed by whoever owns the process; nothing looks it up.

    Args:
        paths: the profile.
        store: open; closed by `close`, and at once if what is kept in it cannot be used.
        environ: the environment.
        now_us: the clock.
        brain: runs training and narration; a test may name another.
    """

    def __init__(
        self,
        paths: Paths,
        store: Store,
        environ: Mapping[str, str] = os.environ,
        now_us: Callable[[], int] = clock.now_us,
        brain: Brain | None = None,
    ) -> None:
        self.paths = paths
        self.environ = environ
        self.now_us = now_us
        self.store = store
        self.brain = Brain() if brain is None else brain
        try:
            self.preferences = Preferences(store, paths.home, now_us)
            self.tokens = _tokens(store)
            self.pairing = Pairing(self.tokens, self.save_tokens)
            self.forecaster = Forecaster(store, now_us)
        except BaseException:
            store.close()
            raise
        self.observer = IngestPipeline(store, self.preferences, self.forecaster, now_us)
        self.importer = Importer(store, self.preferences, paths.home, environ, now_us)
        self.hygiene = Hygiene(store, self.preferences, now_us)
        self.moments = Moments(store, self.brain, now_us)
        self.learner = Learner(store, self.forecaster, self.brain, now_us, self.moments)
        self.appraiser = RewardReporter(store, self.brain, now_us)
        self.forgetter = Forgetter(
            store,
            observer=self.observer,
            forecaster=self.forecaster,
            hygiene=self.hygiene,
            learner=self.learner,
            appraiser=self.appraiser,
            now_us=now_us,
        )
        self.asker = Asker(
            store.reader,
            self.forecaster.forecasts,
            now_us,
            why=self.forecaster.explanation,
            find=SimilaritySearch(store, self.moments).find,
        )
        self.narrating = AnswerService(self.asker, self.brain, self.preferences)

    def tidy(self, check_cancelled: Callable[[], None] | None = None) -> bool:
        """House-keeping while the user is away, cancelled as in `Hygiene`. Returns whether it is time to train."""
        self.forgetter.resume_unfinished()
        self.hygiene.rebuild_sessions()
        self.hygiene.cleanup_if_due(check_cancelled)
        self.moments.follow(check_cancelled)
        self.hygiene.backup_if_due(check_cancelled)
        if not self.learner.due():
            return False
        self.learner.review()
        return True

    def save_tokens(self) -> None:
        """Keep the API's tokens (their hashes) in the store, after one was issued or revoked.

        Raises:
            StoreError: if they cannot be kept now (a full disk, say).
        """
        saved = self.store.put_setting(TOKENS, self.tokens.to_json())
        try:
            saved.result(timeout=_SAVE_TIMEOUT_S)
        except TimeoutError as error:
            raise StoreError("The change of the tokens is not kept.", "Make room on the disk.") from error

    def close(self, *, forget: bool = False) -> None:
        """Stop in the reverse order: what is under way is stored first.

        Args:
            forget: see `Store.close`.
        """
        self.brain.close()
        while not self.observer.close(_LOOK_S) and self.store.trouble is None:
            pass  # it is only slow
        self.store.close(forget=forget)  # on a full disk this lets go of what waits, and of the observer with it
        self.observer.close()


def _tokens(store: Store) -> Tokens:
    with store.reader() as reader:
        saved = reader.setting(TOKENS)
    return Tokens() if saved is None else Tokens.from_json(saved)
