"""The counts of the service as Prometheus metrics, put together when somebody scrapes them."""

from __future__ import annotations

import resource
import time
from collections.abc import Iterator

from prometheus_client import CollectorRegistry, generate_latest
from prometheus_client.core import CounterMetricFamily, GaugeMetricFamily, HistogramMetricFamily, Metric
from prometheus_client.registry import Collector

from serving.lifecycle import Service

CONTENT_TYPE = "text/plain; version=0.0.4; charset=utf-8"


def prometheus_text(service: Service) -> bytes:
    """Every metric of the service."""
    registry = CollectorRegistry(auto_describe=False)
    registry.register(_Metrics(service))
    return generate_latest(registry)


class _Metrics(Collector):
    def __init__(self, service: Service) -> None:
        self._service = service

    def collect(self) -> Iterator[Metric]:
        yield from self._http()
        yield from self._predictions()
        yield from self._outbox()
        yield from self._model()
        yield from self._process()

    def _http(self) -> Iterator[Metric]:
        counters = self._service.counters
        requests = CounterMetricFamily(
            "wine_requests", "Requests by route and status", labels=["route", "status"]
        )
        for (route, status), count in sorted(counters.requests.items()):
            requests.add_metric([route, str(status)], count)
        yield requests
        latencies = HistogramMetricFamily(
            "wine_request_seconds", "Time to answer, by route", labels=["route"]
        )
        for route, latency in sorted(counters.latencies.items()):
            latencies.add_metric([route], buckets=latency.cumulative(), sum_value=latency.total)
        yield latencies
        connections = self._service.connections
        yield GaugeMetricFamily("wine_connections", "Open connections", len(connections.open))
        yield CounterMetricFamily(
            "wine_slow_connections", "Connections closed as too slow", connections.timed_out
        )
        yield CounterMetricFamily(
            "wine_refused_connections", "Connections over the limit", connections.turned_away
        )

    def _predictions(self) -> Iterator[Metric]:
        counters, shadow = self._service.counters, self._service.shadow
        yield CounterMetricFamily("wine_predictions", "Wines priced", counters.answers)
        warnings = CounterMetricFamily("wine_warnings", "Warnings given, by code", labels=["code"])
        for code, count in sorted(counters.warnings.items()):
            warnings.add_metric([code], count)
        yield warnings
        yield CounterMetricFamily("wine_shadow_predictions", "Requests a candidate scored too", shadow.scored)
        yield CounterMetricFamily(
            "wine_shadow_failures", "Requests a candidate failed to score", shadow.failed
        )

    def _outbox(self) -> Iterator[Metric]:
        outbox, relay = self._service.outbox, self._service.relay_state
        yield GaugeMetricFamily("wine_outbox_rows", "Rows that wait for the database", outbox.depth)
        yield GaugeMetricFamily(
            "wine_outbox_oldest_seconds", "Age of the oldest of them", outbox.oldest_age()
        )
        yield GaugeMetricFamily("wine_outbox_durable", "Whether the rows are on disk", float(outbox.durable))
        yield GaugeMetricFamily(
            "wine_outbox_dead_letters", "Rows that the database refused", outbox.dead_letters()
        )
        yield CounterMetricFamily("wine_outbox_moved", "Rows moved to the database", relay.moved)
        yield CounterMetricFamily(
            "wine_outbox_retries", "Attempts that the database did not take", relay.retries
        )
        dropped = CounterMetricFamily("wine_outbox_dropped", "Rows lost, by reason", labels=["reason"])
        for reason in ("cap", "disk", "dead_letter"):
            dropped.add_metric([reason], outbox.dropped[reason])
        yield dropped

    def _model(self) -> Iterator[Metric]:
        reload, model = self._service.reloader.state, self._service.active.current
        info = GaugeMetricFamily(
            "wine_model_info", "The model in service", labels=["name", "version", "source"]
        )
        loaded = GaugeMetricFamily("wine_model_loaded_timestamp_seconds", "When it was loaded, Unix time")
        if model is not None:
            info.add_metric([model.name, model.version, model.source], 1)
            loaded.add_metric([], model.loaded_at.timestamp())
        yield info
        yield loaded
        yield CounterMetricFamily("wine_model_loads", "Models taken from the registry", reload.loads)
        failures = CounterMetricFamily(
            "wine_model_load_failures", "Models not taken, by kind", labels=["kind"]
        )
        for kind in ("registry", "refused", "shadow", "cache", "unexpected"):
            failures.add_metric([kind], reload.failures[kind])
        yield failures

    def _process(self) -> Iterator[Metric]:
        usage = resource.getrusage(resource.RUSAGE_SELF)
        yield CounterMetricFamily("process_cpu_seconds", "CPU time used", usage.ru_utime + usage.ru_stime)
        yield GaugeMetricFamily(
            "process_peak_memory_bytes", "Most memory ever resident", usage.ru_maxrss * 1024
        )
        yield GaugeMetricFamily(
            "wine_uptime_seconds", "Time since start", time.monotonic() - self._service.started
        )
