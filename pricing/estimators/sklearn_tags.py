"""What the estimators tell scikit-learn of their input."""

from __future__ import annotations

from sklearn.utils import Tags


def of_wines(tags: Tags) -> Tags:
    """The tags of an estimator whose columns are fields with names and meanings, not numbers."""
    tags.input_tags.two_d_array = False
    tags.input_tags.string = True
    tags.input_tags.categorical = True
    tags.input_tags.allow_nan = True
    return tags
