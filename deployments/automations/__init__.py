"""Alerts, as Prefect automations."""
