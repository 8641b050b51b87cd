"""The bucket's rules of docs/host.md, on a server that speaks S3's protocol."""

from __future__ import annotations

import json
from contextlib import closing
from pathlib import Path

import boto3
import pytest

from tests.integration.s3 import aws_server, lead_to

RULES = Path(__file__).resolve().parents[3] / "deployments/ec2/lifecycle.json"


def test_rules_are_taken_and_bound_what_grows(monkeypatch: pytest.MonkeyPatch) -> None:
    with aws_server() as environment:
        lead_to(environment, monkeypatch)
        with closing(boto3.client("s3")) as client:
            client.create_bucket(Bucket="my-bucket")
            rules = json.loads(RULES.read_text())
            client.put_bucket_lifecycle_configuration(Bucket="my-bucket", LifecycleConfiguration=rules)
            kept = client.get_bucket_lifecycle_configuration(Bucket="my-bucket")["Rules"]
    found = {rule["ID"]: rule for rule in kept}
    assert found["backups"]["Expiration"] == {"Days": 90}
    other = found["old-versions-and-cut-uploads"]
    assert other["NoncurrentVersionExpiration"] == {"NoncurrentDays": 30}
    assert other["AbortIncompleteMultipartUpload"] == {"DaysAfterInitiation": 7}
