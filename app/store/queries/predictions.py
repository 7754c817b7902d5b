"""Queries for predictions, their scores, training runs and weights."""

from __future__ import annotations

from pathlib import Path

from app.store.queries import hit_rates
from app.store.rows.names import Names
from app.store.rows.predictions import RANKED
from app.store.sqlite.connection import Connection
from app.store.sqlite.errors import translated
from app.store.values.records import HitRates, PredictionRow, TrainingRunRow


class PredictionQueries:
    """The prediction queries of `app.store.reader.Reader`, which opens and returns the connection."""

    _connection: Connection
    _path: Path
    _names: Names

    def active_weights(self) -> tuple[int, bytes] | None:
        """Return id and checkpoint of the active training run; None before the first."""
        with translated(self._path):
            row = self._connection.execute("SELECT id, weights FROM training_runs WHERE active").fetchone()
            return None if row is None else (int(row[0]), bytes(row[1]))

    def weights_before(self, run_id: int) -> tuple[int, bytes] | None:
        """Return id and weights of the latest earlier run with weights; None if the shipped ones came before."""
        with translated(self._path):
            row = self._connection.execute(
                "SELECT id, weights FROM training_runs WHERE id < ? AND length(weights) > 0 ORDER BY id DESC LIMIT 1",
                (run_id,),
            ).fetchone()
            return None if row is None else (int(row[0]), bytes(row[1]))

    def training_runs(self, limit: int) -> tuple[TrainingRunRow, ...]:
        """Return the latest training runs, latest first."""
        with translated(self._path):
            return tuple(
                TrainingRunRow(identity, started_us, report_json, bool(active))
                for identity, started_us, report_json, active in self._connection.execute(
                    "SELECT id, started_us, report_json, active FROM training_runs ORDER BY id DESC LIMIT ?", (limit,)
                )
            )

    def predictions(self, limit: int) -> tuple[PredictionRow, ...]:
        """Return the latest predictions, latest first."""
        with translated(self._path):
            rows = self._connection.execute(
                "SELECT id, made_us, after_action, ranked, truth, rank, probability FROM predictions"
                " ORDER BY id DESC LIMIT ?",
                (limit,),
            ).fetchall()
            return tuple(
                PredictionRow(
                    id=identity,
                    made_us=made_us,
                    after_action=self._names.name_of(after),
                    ranked=tuple((self._names.name_of(token), p, r) for token, p, r in RANKED.iter_unpack(ranked)),
                    truth=self._names.get(truth),
                    rank=rank,
                    probability=probability,
                )
                for identity, made_us, after, ranked, truth, rank, probability in rows
            )

    def scored(self, since_us: int) -> tuple[tuple[int, str, str], ...]:
        """Return the scored predictions made since `since_us`, in time order: (made_us, after action, true action)."""
        name_of = self._names.name_of
        with translated(self._path):
            rows = self._connection.execute(
                "SELECT made_us, after_action, truth FROM predictions WHERE made_us >= ? AND truth IS NOT NULL"
                " ORDER BY made_us, id",
                (since_us,),
            ).fetchall()
            return tuple((made_us, name_of(after), name_of(truth)) for made_us, after, truth in rows)

    def hit_rates(self, since_us: int = 0) -> HitRates:
        """Return how often the model and each baseline were right, over the scored predictions since `since_us`."""
        with translated(self._path):
            return hit_rates.hit_rates(self._connection, since_us)
