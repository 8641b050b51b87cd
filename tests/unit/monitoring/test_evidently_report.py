"""The detailed report shows and does not judge; the benchmark's preset judges."""

import numpy as np
import pytest

from benchmarks.evidently_preset import preset_finds_drift
from flows.data.reference import Reference
from flows.monitoring.descriptors import Vocabulary
from flows.monitoring.evidently_report import drift_html
from pricing.wine.schema import REQUIRED_FIELDS
from tests.unit.monitoring.market import KnownModel, make_wines

pytestmark = pytest.mark.filterwarnings("ignore")  # importing evidently warns of its own use of others


def test_the_report_shows_every_column_and_holds_no_verdict(
    reference: Reference, rng: np.random.Generator
) -> None:
    page = drift_html(reference, make_wines(300, seed=5, length=40), KnownModel(), rng)
    for column in ("words", "vintage", "country", "variety", "log_price", "expected_error"):
        assert column in page
    for verdict in ("Dataset Drift", "Drift is detected", "Not Detected"):
        assert verdict not in page


@pytest.mark.parametrize(("length", "drifted"), [(20, False), (40, True)])
def test_the_preset_judges_usual_and_moved_windows(
    reference: Reference, *, length: int, drifted: bool
) -> None:
    shares = (0.05, 0.05, 0.9) if drifted else (0.5, 0.3, 0.2)
    window = make_wines(500, seed=6, length=length, shares=shares)
    if drifted:
        window = window.assign(millesime="1990")
    vocabulary = Vocabulary.of(reference.train)
    assert preset_finds_drift(reference, window, KnownModel(), vocabulary, seed=0) is drifted


def test_the_preset_judges_requests_of_the_required_fields(reference: Reference) -> None:
    window = make_wines(500, seed=7)[list(REQUIRED_FIELDS)]
    vocabulary = Vocabulary.of(reference.train)
    assert not preset_finds_drift(reference, window, KnownModel(), vocabulary, seed=0)
