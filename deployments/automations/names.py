"""What the automations are called, and what they look at."""

from __future__ import annotations

from typing import Final

from prefect.events.schemas.events import ResourceSpecification

PREFIX: Final = "wine"
FLOW_RUNS: Final = ResourceSpecification({"prefect.resource.id": "prefect.flow-run.*"})
ZOMBIE: Final = "Zombie"
"""State of a run whose process went silent."""
