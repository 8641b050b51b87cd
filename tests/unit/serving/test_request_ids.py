"""The ids of answers."""

from __future__ import annotations

import uuid
from itertools import islice

from serving.observability.request_ids import request_ids


def test_ids_are_random_uuids_and_all_differ() -> None:
    ids = list(islice(request_ids(), 2_000))
    assert len(set(ids)) == len(ids)
    for one in ids:
        parsed = uuid.UUID(one)
        assert (parsed.version, parsed.variant, str(parsed)) == (4, uuid.RFC_4122, one)
    assert {one[19] for one in ids} == set("89ab")
