from pathlib import Path

import pytest

from flows.errors import CandidateRejected
from flows.gate.suite import run_suite


def test_a_suite_that_does_not_end_rejects_the_candidate(tmp_path: Path) -> None:
    with pytest.raises(CandidateRejected, match="did not end within"):
        run_suite(tmp_path, "7", timeout=0.01)
