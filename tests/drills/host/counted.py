"""What the databases of the host hold, to be compared before and after."""

from __future__ import annotations

import re

from tests.drills.host.inside import aliases, psql
from tests.drills.host.machine import Machine

TRACKER = (
    "SELECT count(*), md5(string_agg(run_uuid, ',' ORDER BY run_uuid)) FROM runs",
    "SELECT count(*), max(version) FROM model_versions",
    "SELECT (SELECT count(*) FROM params), (SELECT count(*) FROM metrics), (SELECT count(*) FROM tags)",
    "SELECT string_agg(username, ',' ORDER BY username) FROM users",
)
PREFECT = (
    "SELECT count(*), md5(string_agg(id::text, ',' ORDER BY id)) FROM flow_run WHERE NOT auto_scheduled",
    "SELECT count(*) FROM log WHERE flow_run_id IN (SELECT id FROM flow_run WHERE NOT auto_scheduled)",
    "SELECT string_agg(name, ',' ORDER BY name) FROM deployment",
    "SELECT count(*) FROM deployment_schedule",
    "SELECT string_agg(name, ',' ORDER BY name) FROM automation",
)


def of_tracker(host: Machine) -> dict[str, str]:
    """Query → answer, and the aliases."""
    return {query: psql(host, query, "mlflow") for query in TRACKER} | {"aliases": str(aliases(host))}


def counts(host: Machine) -> dict[str, str]:
    """Of MLflow's database and Prefect's."""
    return of_tracker(host) | {query: psql(host, query) for query in PREFECT}


def versions(host: Machine) -> list[str]:
    """MLflow's and Prefect's in the release that is current."""
    found = host.sh("ls -d /opt/wine/current/.venv/lib/python3*/site-packages/*.dist-info")
    return re.findall(r"/(?:mlflow|prefect)-([\d.]+)\.dist-info", found.stdout)
