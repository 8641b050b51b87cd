"""A training wine and the same wine as a request have the same inputs."""

from __future__ import annotations

import numpy as np
import pytest

from pricing.model import experts
from pricing.model.experts import Head
from pricing.model.feature_layout import KNOWN, POINTS, WORDS, YEAR
from pricing.model.target_encoding import WIDTH
from pricing.scoring.features import FeatureReader
from pricing.training import fit as fitting
from pricing.training.config import Options
from pricing.training.design_matrix import HeldOut, Rows, rows_of
from pricing.training.masks import Mask, Notes, copies_of, sample_fields, sample_notes, stacked
from pricing.training.stack_features import OutOfFoldPredictions, producer_data_of, stack_features_of
from pricing.training.term_matrix import TermMatrix
from pricing.wine.tokens import Reading, hide

Names = dict[str, tuple[str, ...]]
OPTIONS = Options(alpha=3.0, min_count=3, rounds=10, learning_rate=0.1, seed=0, jobs=2)


@pytest.fixture(scope="module")
def readings(every_reading: list[Reading]) -> list[Reading]:
    """Notes without a word that comes twice: of those, training knows one place only."""
    return [each._replace(words=list(dict.fromkeys(each.words))) for each in every_reading]


@pytest.fixture
def rows(readings: list[Reading], target: np.ndarray, names: Names) -> Rows:
    return rows_of(readings, target.copy(), names, np.random.default_rng(0), min_count=3)


def asked(readings: list[Reading], mask: Mask) -> list[Reading]:
    """The readings as requests that tell what the mask leaves."""
    cuts = zip(mask.notes.first.tolist(), mask.notes.end.tolist(), strict=True)
    return [
        hide(reading, tuple(given))._replace(words=reading.words[first:end])
        for reading, given, (first, end) in zip(readings, mask.fields.tolist(), cuts, strict=True)
    ]


def masks(rows: Rows) -> list[Mask]:
    rng = np.random.default_rng(1)
    whole = Mask(rows.present, Notes(np.zeros_like(rows.words), rows.words))
    return [whole, *(Mask(sample_fields(rows.present, rng), sample_notes(rows.words, rng)) for _ in range(3))]


def test_a_masked_training_wine_has_the_terms_of_a_request_that_tells_as_little(
    rows: Rows, readings: list[Reading]
) -> None:
    for mask in masks(rows):
        masked, known, words = rows.source.terms.masked(mask)
        everything = Mask(
            np.ones_like(rows.present), Notes(np.zeros_like(rows.words), np.full_like(rows.words, 10_000))
        )
        given, told, said = TermMatrix.of(rows.index, asked(readings, mask)).masked(everything)
        assert (masked != given).nnz == 0
        assert (known == told).all()
        assert (words == said).all()


@pytest.mark.parametrize("head", Head)
def test_inputs_that_no_price_went_into_are_those_of_the_request(
    rows: Rows, readings: list[Reading], names: Names, head: Head
) -> None:
    reader = FeatureReader(fitting.learn(rows, names, np.random.default_rng(0), OPTIONS))
    seen = stacked(head, many=rows.many)
    copies = copies_of(rows.present, rows.words, head, np.random.default_rng(2))[:seen]
    none = {head: [HeldOut.empty(len(rows.target)) for _ in copies] for head in Head}
    predictions = OutOfFoldPredictions(none, none, np.zeros((len(rows.target), WIDTH)))
    trained = stack_features_of(rows, head, copies, predictions, producer_data_of(rows, predictions))
    requests = [each for mask in copies for each in asked(readings, mask)]
    starts = np.repeat(np.arange(len(copies)), len(trained.origin) // len(copies)) * len(readings)
    if len(starts) != len(trained.origin):
        pytest.skip("copies of different length")
    served = reader.read([requests[row] for row in (trained.origin + starts).tolist()])
    for column in (YEAR, POINTS):
        assert np.allclose(served.inputs[:, column], trained.inputs[:, column], equal_nan=True)
    for column, longest in ((KNOWN, rows.longest.terms), (WORDS, rows.longest.words)):
        counted = np.minimum(served.inputs[:, column], longest + 1)  # all that trees tell of long notes
        assert np.array_equal(counted, trained.inputs[:, column])
    own = experts.route_all(trained.provided)
    assert (served.heads == own).all()


def test_one_request_and_many_have_the_same_inputs(rows: Rows, readings: list[Reading], names: Names) -> None:
    knowledge = fitting.learn(rows, names, np.random.default_rng(0), OPTIONS)
    one = [FeatureReader(knowledge).read_one(reading)[2] for reading in readings[:40]]
    many = FeatureReader(knowledge).read(readings[:40]).inputs
    assert np.allclose(np.array(one), many, equal_nan=True, atol=1e-9)
