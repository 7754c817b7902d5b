"""The SQL statements for predictions, their scores, training runs and weights.

For the writer's thread alone, inside its transaction.
"""

from __future__ import annotations

import json
import struct
from typing import Final

from app.errors import StoreError
from app.store.rows.interning import Interner
from app.store.sqlite.connection import Connection
from app.store.values.forget_request import LAST_FORGOTTEN
from app.store.values.records import NewPrediction, NewTrainingRun, PredictionScore

RANKED: Final = struct.Struct("<Idd")
"""One candidate of a stored ranking: id of the token, probability, reward."""

KEPT_WEIGHTS: Final = 8
"""How many training runs keep their weights, to go back to; all of them keep their report."""


def save_prediction(connection: Connection, interner: Interner, prediction: NewPrediction) -> int:
    """Store a prediction and return its id.

    Args:
        connection: the writer's.
        interner: gives the ids of names.
        prediction: the prediction.
    """
    ranked = b"".join(
        RANKED.pack(interner.name(action), probability, reward) for action, probability, reward in prediction.ranked
    )
    return insert_row(
        connection,
        "INSERT INTO predictions (made_us, after_action, ranked, weights_run) VALUES (?, ?, ?, ?) RETURNING id",
        (prediction.made_us, interner.name(prediction.after_action), ranked, prediction.weights_run),
    )


def score_prediction(connection: Connection, interner: Interner, score: PredictionScore) -> None:
    """Store the action that followed a prediction.

    Args:
        connection: the writer's.
        interner: gives the ids of names.
        score: the action, and its place in the ranking.

    Raises:
        StoreError: if there is no such prediction.
    """
    row = connection.execute(
        "UPDATE predictions SET truth = ?, truth_us = ?, rank = ?, probability = ?, baseline_ranks = ?"
        " WHERE id = ? RETURNING id",
        (
            interner.name(score.truth),
            score.truth_us,
            score.rank,
            score.probability,
            json.dumps(dict(score.baseline_ranks), separators=(",", ":")),
            score.prediction_id,
        ),
    ).fetchone()
    if row is None:
        raise StoreError(f"There is no prediction {score.prediction_id} to score.", "Report this fault.")


def save_training_run(connection: Connection, run: NewTrainingRun) -> int:
    """Store a training run and return its id; drop the weights of all but the latest.

    Raises:
        StoreError: if the run began before something was forgotten.
    """
    row = connection.execute("SELECT value FROM settings WHERE name = ?", (LAST_FORGOTTEN,)).fetchone()
    if row is not None and run.started_us <= int(row[0]):
        raise StoreError(
            "This training learned from something that was forgotten since; its weights were not kept.",
            "Train again: it learns from what is left.",
        )
    if run.active:
        connection.execute("UPDATE training_runs SET active = 0 WHERE active")
    identity = insert_row(
        connection,
        "INSERT INTO training_runs (started_us, report_json, active, weights) VALUES (?, ?, ?, ?) RETURNING id",
        (run.started_us, run.report_json, run.active, run.weights),
    )
    connection.execute(
        "UPDATE training_runs SET weights = x'' WHERE NOT active AND length(weights) > 0 AND id NOT IN"
        " (SELECT id FROM training_runs WHERE length(weights) > 0 ORDER BY id DESC LIMIT ?)",
        (KEPT_WEIGHTS,),
    )
    return identity


def use_training_run(connection: Connection, run_id: int | None) -> None:
    """Use the weights of an earlier run, or (None) the shipped ones; the weights in use are dropped.

    Raises:
        StoreError: if that run has no weights.
    """
    connection.execute("UPDATE training_runs SET active = 0, weights = x'' WHERE active")
    if run_id is None:
        return
    row = connection.execute(
        "UPDATE training_runs SET active = 1 WHERE id = ? AND length(weights) > 0 RETURNING id", (run_id,)
    ).fetchone()
    if row is None:
        raise StoreError(f"There are no weights of training run {run_id}; those in use stay.", "Train again.")


def insert_row(connection: Connection, sql: str, parameters: tuple[object, ...]) -> int:
    """Run an INSERT with RETURNING, and return the id of the row.

    Args:
        connection: the writer's.
        sql: the statement.
        parameters: its values.
    """
    return int(connection.execute(sql, parameters).fetchone()[0])
