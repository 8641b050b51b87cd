"""Port 22 is opened for one address and closed again, on a server that speaks EC2's protocol."""

from __future__ import annotations

import uuid
from collections.abc import Iterator

import boto3
import pytest

from deployments.ec2 import ssh_window
from tests.integration.s3 import aws_server, lead_to


@pytest.fixture
def group(monkeypatch: pytest.MonkeyPatch) -> Iterator[str]:
    with aws_server() as environment:
        lead_to(environment | {"RUNNER_ADDRESS": "198.51.100.7"}, monkeypatch)
        name = f"wine-{uuid.uuid4()}"  # moto keeps one state for all servers of a process
        made = boto3.client("ec2").create_security_group(GroupName=name, Description="host")["GroupId"]
        monkeypatch.setenv("EC2_SECURITY_GROUP", made)
        yield made


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
