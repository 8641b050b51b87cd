"""Flows in this process against real servers, as in the tests of the flows."""

from tests.integration.flows.conftest import data_folder, flow_env, registry

__all__ = ["data_folder", "flow_env", "registry"]
