"""Port 22 is opened for one address and closed again, on a server that speaks EC2's protocol."""

from __future__ import annotations

from collections.abc import Iterator

import boto3
import pytest
from moto.server import ThreadedMotoServer

from deployments.ec2 import ssh_window


@pytest.fixture
def group(monkeypatch: pytest.MonkeyPatch) -> Iterator[str]:
    server = ThreadedMotoServer(ip_address="127.0.0.1", port=0)
    server.start()
    host, port = server.get_host_and_port()
    for name, value in {
        "AWS_ENDPOINT_URL": f"http://{host}:{port}",
        "AWS_ACCESS_KEY_ID": "local",
        "AWS_SECRET_ACCESS_KEY": "local",
        "AWS_DEFAULT_REGION": "eu-west-3",
        "RUNNER_ADDRESS": "198.51.100.7",
    }.items():
        monkeypatch.setenv(name, value)
    made = boto3.client("ec2").create_security_group(GroupName=f"wine-{port}", Description="host")["GroupId"]
    monkeypatch.setenv("EC2_SECURITY_GROUP", made)
    yield made
    server.stop()


def addresses(group: str) -> list[str]:
    [found] = boto3.client("ec2").describe_security_groups(GroupIds=[group])["SecurityGroups"]
    return [
        each["CidrIp"]
        for rule in found["IpPermissions"]
        for each in rule["IpRanges"]
        if rule["FromPort"] == 22
    ]


def test_window_opens_for_one_address_and_closes(group: str) -> None:
    for what, expected in (("open", ["198.51.100.7/32"]), ("close", [])):
        for _ in range(2):  # a job that is run again does no harm
            assert ssh_window.main([what]) == 0
            assert addresses(group) == expected


def test_unknown_group_is_one_clear_line(
    group: str, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setenv("EC2_SECURITY_GROUP", "sg-0123456789abcdef0")
    assert ssh_window.main(["open"]) == 1
    assert "was not changed (open)" in capsys.readouterr().err


def test_without_a_group_nothing_is_done(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("EC2_SECURITY_GROUP", raising=False)
    assert ssh_window.main(["open"]) == 0
