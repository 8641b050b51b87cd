"""The bucket's rules of docs/host.md, on a server that speaks S3's protocol."""

from __future__ import annotations

import json
from pathlib import Path

import boto3
import pytest
from moto.server import ThreadedMotoServer

RULES = Path(__file__).resolve().parents[3] / "deployments/ec2/lifecycle.json"


def test_rules_are_taken_and_bound_what_grows(monkeypatch: pytest.MonkeyPatch) -> None:
    server = ThreadedMotoServer(ip_address="127.0.0.1", port=0)
    server.start()
    host, port = server.get_host_and_port()
    keys = {"aws_access_key_id": "local", "aws_secret_access_key": "local", "region_name": "us-east-1"}
    client = boto3.client("s3", endpoint_url=f"http://{host}:{port}", **keys)
    client.create_bucket(Bucket="my-bucket")
    rules = json.loads(RULES.read_text())
    client.put_bucket_lifecycle_configuration(Bucket="my-bucket", LifecycleConfiguration=rules)
    found = {
        rule["ID"]: rule for rule in client.get_bucket_lifecycle_configuration(Bucket="my-bucket")["Rules"]
    }
    assert found["backups"]["Expiration"] == {"Days": 90}
    other = found["old-versions-and-cut-uploads"]
    assert other["NoncurrentVersionExpiration"] == {"NoncurrentDays": 30}
    assert other["AbortIncompleteMultipartUpload"] == {"DaysAfterInitiation": 7}
    server.stop()
