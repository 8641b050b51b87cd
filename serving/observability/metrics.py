"""The counts of the service as Prometheus metrics, put together when somebody scrapes them."""

from __future__ import annotations

from collections.abc import Iterator, Mapping

from prometheus_client import CollectorRegistry, ProcessCollector, generate_latest
from prometheus_client.core import CounterMetricFamily, GaugeMetricFamily, HistogramMetricFamily, Metric
from prometheus_client.registry import Collector

from serving.lifecycle import Service

CONTENT_TYPE = "text/plain; version=0.0.4; charset=utf-8"
DROP_REASONS = ("cap", "disk", "dead_letter")
FAILURE_KINDS = ("registry", "refused", "shadow", "cache", "unexpected")


def prometheus_text(service: Service) -> bytes:
    """Every metric of the service, and those of its process under their usual names."""
    registry = CollectorRegistry(auto_describe=False)
    registry.register(_Metrics(service))
    ProcessCollector(registry=registry)
    return generate_latest(registry)


class _Metrics(Collector):
    def __init__(self, service: Service) -> None:
        self._service = service

    def collect(self) -> Iterator[Metric]:
        yield from self._http()
        yield from self._predictions()
        yield from self._outbox()
        yield from self._relay()
        yield from self._model()

    def _http(self) -> Iterator[Metric]:
        counters, connections = self._service.counters, self._service.connections
        requests = CounterMetricFamily(
            "wine_requests", "Requests by route and status", labels=["route", "status"]
        )
        for (route, status), count in sorted(counters.requests.items()):
            requests.add_metric([route, str(status)], count)
        yield requests
        latencies = HistogramMetricFamily(
            "wine_request_duration_seconds", "Time to answer, by route", labels=["route"]
        )
        for route, latency in sorted(counters.latencies.items()):
            latencies.add_metric([route], buckets=latency.cumulative(), sum_value=latency.total)
        yield latencies
        open_ = GaugeMetricFamily("wine_connections", "Open connections by what they do", labels=["state"])
        for state, count in connections.states().items():
            open_.add_metric([state], count)
        yield open_
        yield GaugeMetricFamily(
            "wine_held_body_bytes", "Bodies of requests that are not answered yet", connections.held_bytes
        )
        yield CounterMetricFamily(
            "wine_aborted_connections", "Connections whose client did not read", connections.aborted
        )
        yield CounterMetricFamily(
            "wine_evicted_connections", "Idle connections that gave way to new ones", connections.evicted
        )
        yield GaugeMetricFamily("wine_batches", "Batches being worked on", self._service.predictor.batches)
        yield CounterMetricFamily(
            "wine_slow_connections", "Connections closed as too slow", connections.timed_out
        )
        yield CounterMetricFamily(
            "wine_refused_connections", "Connections over the limit", connections.turned_away
        )

    def _predictions(self) -> Iterator[Metric]:
        counters, shadow = self._service.counters, self._service.shadow
        yield CounterMetricFamily("wine_predictions", "Wines priced", counters.answers)
        yield _by_label("wine_warnings", "Warnings given, by code", "code", counters.warnings)
        yield CounterMetricFamily("wine_shadow_predictions", "Requests a candidate scored too", shadow.scored)
        yield CounterMetricFamily(
            "wine_shadow_failures", "Requests a candidate failed to score", shadow.failed
        )

    def _outbox(self) -> Iterator[Metric]:
        outbox = self._service.outbox
        yield GaugeMetricFamily("wine_outbox_rows", "Rows that wait for the database", outbox.depth)
        yield GaugeMetricFamily(
            "wine_outbox_held_rows", "Rows that others pass since they could not be sent", len(outbox.held)
        )
        yield GaugeMetricFamily(
            "wine_outbox_oldest_seconds", "Age of the oldest of them", outbox.oldest_age()
        )
        yield GaugeMetricFamily("wine_outbox_durable", "Whether the rows are on disk", float(outbox.durable))
        yield GaugeMetricFamily(
            "wine_outbox_dead_letters", "Rows that the database refused", outbox.dead_letters
        )
        dropped = {reason: outbox.dropped[reason] for reason in DROP_REASONS}
        yield _by_label("wine_outbox_dropped", "Rows lost, by reason", "reason", dropped)

    def _relay(self) -> Iterator[Metric]:
        relay = self._service.relay_state
        yield CounterMetricFamily("wine_outbox_published", "Rows published to the database", relay.published)
        yield CounterMetricFamily("wine_outbox_retries", "Attempts that failed", relay.retries)
        yield CounterMetricFamily("wine_relay_crashes", "Errors of the relay's own", relay.crashes)
        yield GaugeMetricFamily(
            "wine_relay_failing", "Whether its last attempt failed", float(relay.problem is not None)
        )

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
        failures = {kind: reload.failures[kind] for kind in FAILURE_KINDS}
        yield _by_label("wine_model_load_failures", "Models not taken, by kind", "kind", failures)


def _by_label(name: str, text: str, label: str, counts: Mapping[str, int]) -> CounterMetricFamily:
    metric = CounterMetricFamily(name, text, labels=[label])
    for value, count in sorted(counts.items()):
        metric.add_metric([value], count)
    return metric
