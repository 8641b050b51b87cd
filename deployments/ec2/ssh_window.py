"""`python -m deployments.ec2.ssh_window open|close`: let this machine alone reach the host's port 22.

A CI runner has no fixed address. With EC2_SECURITY_GROUP set, the group's port 22 is opened to the
runner's address for the length of the job; without it nothing is done (port 22 is open to all, and SSH
keys guard it). AWS credentials come from the runner's role (OIDC), never from a stored key.
"""

from __future__ import annotations

import argparse
import ipaddress
import os
import sys
from collections.abc import Mapping, Sequence
from typing import Any, Final

import boto3
import httpx
from botocore.exceptions import BotoCoreError, ClientError

OWN_ADDRESS: Final = "https://checkip.amazonaws.com"
ALREADY: Final = {"open": "InvalidPermission.Duplicate", "close": "InvalidPermission.NotFound"}


def rule(address: str, port: int) -> dict[str, Any]:
    network = f"{ipaddress.ip_address(address)}/32"
    about = "CI runner, for the length of a job"
    return {
        "IpProtocol": "tcp",
        "FromPort": port,
        "ToPort": port,
        "IpRanges": [{"CidrIp": network, "Description": about}],
    }


def change(what: str, group: str, address: str, *, port: int = 22) -> None:
    """Open or close the port; doing so twice is no error."""
    client = boto3.client("ec2")
    permission = rule(address, port)
    if what == "open":
        method = client.authorize_security_group_ingress
    else:
        method = client.revoke_security_group_ingress
        permission["IpRanges"] = [{"CidrIp": described["CidrIp"]} for described in permission["IpRanges"]]
    try:
        method(GroupId=group, IpPermissions=[permission])
    except ClientError as error:
        if error.response["Error"]["Code"] != ALREADY[what]:
            raise


def own_address(env: Mapping[str, str]) -> str:
    return env.get("RUNNER_ADDRESS") or httpx.get(OWN_ADDRESS, timeout=20).raise_for_status().text.strip()


def main(arguments: Sequence[str] | None = None) -> int:
    parser = argparse.ArgumentParser(prog="python -m deployments.ec2.ssh_window", description=__doc__)
    parser.add_argument("what", choices=("open", "close"))
    what = parser.parse_args(arguments).what
    group = os.environ.get("EC2_SECURITY_GROUP")
    if not group:
        sys.stdout.write("EC2_SECURITY_GROUP is not set: port 22 stays as it is.\n")
        return 0
    try:
        address = own_address(os.environ)
        change(what, group, address, port=int(os.environ.get("EC2_PORT") or 22))
    except (BotoCoreError, ClientError, httpx.HTTPError, ValueError) as error:
        sys.stderr.write(f"Port 22 of {group} was not changed ({what}): {error}\n")
        return 1
    sys.stdout.write(f"Port 22 of {group} is {what} for {address}.\n")
    return 0


if __name__ == "__main__":
    sys.exit(main())
