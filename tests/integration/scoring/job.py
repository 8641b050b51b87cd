"""`python job.py MODEL CATALOGUE OUTPUT`: price a catalogue in small chunks, as the flow `score` does."""

from __future__ import annotations

import sys
from pathlib import Path

from flows.scoring import catalogue as catalogues
from flows.scoring.job import SavedModel, score_catalogue
from pricing.storage import skops_file

if __name__ == "__main__":
    model, source, output = sys.argv[1:]
    catalogues.CHUNK_ROWS = 60
    saved = SavedModel(Path(model), "7", skops_file.sha256_of(Path(model)))
    score_catalogue(catalogues.catalogue(source), output, saved, workers=1)
