"""Alerts and the rescue of stranded runs, as Prefect automations."""
