"""Whether drift is a reason to train again: only if there is something new to learn, and not all day long."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Final

DRIFT_TRIGGER: Final = "drift"
"""`triggered_by` of a training that an event of drift started; people's own trainings always run."""

SHORTEST_PAUSE: Final = timedelta(days=1)


@dataclass(frozen=True, slots=True)
class TrainingMaterial:
    """What a training learns from: the hash of the data files and of the trusted feedback rows."""

    data_sha256: str
    feedback_sha256: str


@dataclass(frozen=True, slots=True)
class LastTraining:
    """The newest registered version: when it was trained (UTC) and on what."""

    version: str
    trained_at: datetime
    material: TrainingMaterial


@dataclass(frozen=True, slots=True)
class Decision:
    train: bool
    why: str


def decide(
    *,
    triggered_by: str,
    force: bool,
    now: datetime,
    last: LastTraining | None,
    material: TrainingMaterial,
) -> Decision:
    """Train or not. `now` and `last.trained_at` are aware datetimes."""
    if force:
        return Decision(train=True, why="forced")
    if triggered_by != DRIFT_TRIGGER:
        return Decision(train=True, why="asked for")
    if last is None:
        return Decision(train=True, why="nothing was ever trained")
    if material == last.material:
        why = f"neither the data nor the feedback have changed since version {last.version} was trained"
        return Decision(train=False, why=f"{why}: training again would give the same model")
    if now - last.trained_at < SHORTEST_PAUSE:
        when = f"{last.trained_at:%Y-%m-%d %H:%M} UTC"
        return Decision(train=False, why=f"version {last.version} was trained at {when}, less than a day ago")
    return Decision(train=True, why="drift, and there are new rows to learn from")
