"""What a training run tells people and other flows when it is done."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any

from mlflow.entities import Run
from mlflow.entities.model_registry import ModelVersion

from flows.orchestration.markdown import image
from flows.registry.experiments import run_link
from flows.settings import FlowSettings
from flows.training.reports.card_markdown import card_markdown
from flows.training.reports.plots import Picture
from flows.training.request import TrainRequest


def report_markdown(
    settings: FlowSettings,
    run: Run,
    version: ModelVersion,
    card: Mapping[str, Any],
    pictures: Iterable[Picture],
) -> str:
    """The model card with its pictures, and a link to everything else."""
    link = run_link(settings.public_tracking_uri, run)
    pictured = "\n\n".join(
        f"**{picture.caption}**\n\n{image(picture.png, picture.caption)}" for picture in pictures
    )
    headline = f"Version **{version.version}** · [all figures and files in MLflow]({link})"
    return f"{headline}\n\n{card_markdown(card, pictured)}"


def event_payload(card: Mapping[str, Any], request: TrainRequest) -> dict[str, Any]:
    return {
        "test_rmse_log_scale": card["metrics"]["test_rmse_log_scale"],
        "coverage": card["metrics"]["coverage"],
        "train_rows": card["data"]["train_rows"],
        "synthetic": card["data"]["synthetic"],
        "reason": request.reason,
        "triggered_by": request.triggered_by,
    }
