"""What an operator looks at: requests, latency, warnings, prices, errors and versions over time."""
