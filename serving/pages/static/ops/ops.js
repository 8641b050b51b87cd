// The operators' page: asks for a report and draws it. It asks when opened, refreshed, or looked at again.

import { chartWidth, timeChart, timeLine } from "./charts.js";
import { byId, element } from "../shared/elements.js";
import { count, dollars, percent } from "../shared/phrases.js";
import { Refusal, get, key } from "../shared/service.js";

const STALE_MS = 60_000;
let span = new URLSearchParams(location.search).get("span") ?? "24h";
let shownAt = 0;
let shown = null;

async function refresh() {
  shownAt = Date.now();
  showStatus("Asking the service…");
  try {
    show(await get(`ops/report?span=${encodeURIComponent(span)}`));
    showProblem("");
    byId("key-form").hidden = true;
  } catch (refusal) {
    if (!(refusal instanceof Refusal)) throw refusal;
    refuse(refusal);
  }
}

const showStatus = (text) => { byId("updated").textContent = text; };
const showProblem = (text) => { byId("problem").textContent = text; };

function refuse({ kind, status, problem, wait }) {
  showStatus("No report.");
  const phrases = {
    key: () => {
      byId("key-form").hidden = false;
      return key.get() ? "This key is not known here. Check it and ask again." : "";
    },
    fields: () => { span = "24h"; return problem.detail ?? "That span is not known. Choose one above."; },
    busy: () => `Too many requests in a short time. Refresh in ${wait} seconds.`,
    network: () => "The service cannot be reached. Check that it runs, then refresh.",
    timeout: () => "The service took too long to answer. Look at its load, then refresh.",
  };
  showProblem((phrases[kind] ?? (() => `The service answered with error ${status}. Its log says why; then refresh.`))());
  if (kind === "key") byId("api-key").focus();
}

function show(report) {
  const { log, service } = report;
  shown = report;
  byId("synthetic").hidden = !service.synthetic;
  showStatus(`As of ${new Intl.DateTimeFormat("en", { dateStyle: "medium", timeStyle: "short" }).format(new Date(report.until))}`);
  const parts = [serviceCard(report)];
  if (log?.total.requests > 0) parts.unshift(tiles(log.total), element("div", { class: "charts" }, ...charts(report)));
  else parts.unshift(element("p", { class: "notice", id: "no-figures" }, silence(report)));
  byId("report").replaceChildren(...parts);
}

function silence({ database, log }) {
  if (database === "not configured") return "No database is configured, so there is no history to draw. Set NEON_URI to keep one.";
  if (!log) return "The database does not answer, so there is no history to draw. Predictions go on: they wait in the outbox below and are published when it answers again. Check NEON_URI and the database, then refresh.";
  return "No requests in this span. Look further back, or ask for a price first.";
}

const counted = (number, one, many) => `${count(number)} ${number === 1 ? one : many}`;
const orNone = (value, write) => (Number.isFinite(value) ? write(value) : "–");
const milliseconds = (value) => `${value < 10 ? value.toFixed(2) : Math.round(value)} ms`;
// 0.25 in log price is off by 28%.
const share = (error) => (error === null ? NaN : Math.expm1(error));
const offBy = (error) => `±${percent(share(error))}`;

function tiles(total) {
  return element("dl", { class: "tiles" },
    tile("Requests", count(total.requests)),
    tile("Latency, median", orNone(total.latency_p50, milliseconds), `p95 ${orNone(total.latency_p95, milliseconds)}, p99 ${orNone(total.latency_p99, milliseconds)}`),
    tile("With warnings", orNone(total.warned, percent)),
    tile("Median price", orNone(total.price_median, dollars)),
    tile("Expected error", orNone(total.expected_error, offBy), "what the model says"),
    tile("Realised error", orNone(total.realised_error, offBy), total.feedback ? `${counted(total.feedback, "known price", "known prices")}; ${orNone(total.expected_of_realised, offBy)} expected of them` : "no real price is known yet"));
}

function tile(name, value, note) {
  return element("div", { class: "card" }, element("dt", {}, name), element("dd", {}, element("strong", {}, value), note ? element("span", { class: "hint" }, note) : null));
}

function charts(report) {
  const { log } = report;
  const frame = { from: Date.parse(report.since), to: Date.parse(report.until), bucket: report.bucket_seconds * 1000, width: chartWidth() };
  const points = log.buckets.map((figures) => ({ ...figures, at: Date.parse(figures.at), expected: share(figures.expected_error), realised: share(figures.realised_error) }));
  const rows = versionRows(log.versions);
  const base = { ...frame, points, marks: rows.slice(1).map(({ label, points: [first] }) => ({ at: first.at, label })) };
  return [
    timeChart({ ...base, title: "Requests", series: [{ key: "requests", label: "Requests", kind: "bar", className: "first" }], whole: true, format: (value) => count(value) }),
    timeChart({ ...base, title: "Latency", logarithmic: true, format: (value) => `${value} ms`.replace(/(\.\d\d)\d+/, "$1"), series: [
      { key: "latency_p50", label: "Median", kind: "line", className: "first" }, { key: "latency_p95", label: "95th percentile", kind: "line", className: "second" }] }),
    timeChart({ ...base, title: "Predicted price", note: "Median, and the middle 80% of predictions.", logarithmic: true, format: dollars, series: [
      { low: "price_low", high: "price_high", label: "Middle 80%", kind: "band", className: "first" }, { key: "price_median", label: "Median", kind: "line", className: "first" }] }),
    timeChart({ ...base, title: "Expected and realised error", note: "How far off a price typically is: what the model expects, and what came out where the real price is known.", format: (value, step) => `±${percent(value, step)}`, series: [
      { key: "expected", label: "Expected", kind: "line", className: "second" }, { key: "realised", label: "Realised", kind: "dots", className: "first" }] }),
    timeChart({ ...base, title: "Answers with a warning", note: warningNote(log.warnings), format: percent, series: [{ key: "warned", label: "Share", kind: "line", className: "first" }] }),
    timeLine({ ...frame, title: "Model versions", note: "Which version answered when.", rows }),
  ];
}

function versionRows(versions) {
  const rows = new Map();
  for (const { at, version, requests } of versions) {
    if (!rows.has(version)) rows.set(version, []);
    rows.get(version).push({ at: Date.parse(at), requests });
  }
  return [...rows].map(([version, points]) => ({ label: version === "before" ? "earlier" : `v${version}`, points }));
}

function warningNote(warnings) {
  const named = warnings.slice(0, 4).map(({ code, requests }) => `${code.replaceAll("_", " ")} (${count(requests)})`);
  return named.length ? `Most often: ${named.join(", ")}.` : "No answer carried one.";
}

function serviceCard({ service, database }) {
  const facts = [
    ["Model in service", service.model_version ? `${service.model_name}, version ${service.model_version}` : "none yet"],
    ["Database", database === "ok" ? "answers" : database],
    ["Outbox", service.waiting_rows ? `${counted(service.waiting_rows, "row waits", "rows wait")}, the oldest for ${age(service.oldest_waiting_seconds)}` : "empty: every answer is in the database"],
    ["Published since start", `${counted(service.published_rows, "row", "rows")}, ${counted(service.retries, "retry", "retries")}`],
    ["Refused by the database", service.refused_rows ? `${counted(service.refused_rows, "row", "rows")}, kept in the outbox with the reason` : "none"],
    ["Dropped", service.dropped_rows ? `${counted(service.dropped_rows, "row", "rows")}: the outbox was full` : "none"],
  ];
  if (service.model_problem) facts.push(["Model trouble", service.model_problem]);
  if (service.database_problem) facts.push(["Database trouble", service.database_problem]);
  return element("section", { class: "card service", "aria-labelledby": "service-heading" },
    element("h2", { id: "service-heading" }, "This service, now"),
    element("dl", {}, ...facts.map(([name, value]) => element("div", {}, element("dt", {}, name), element("dd", {}, value)))));
}

function age(seconds) {
  if (seconds < 90) return `${Math.round(seconds)} s`;
  return seconds < 5400 ? `${Math.round(seconds / 60)} min` : `${(seconds / 3600).toFixed(1)} h`;
}

function press() {
  for (const button of document.querySelectorAll("[data-span]")) button.setAttribute("aria-pressed", String(button.dataset.span === span));
}

function choose(name) {
  span = name;
  history.replaceState(null, "", `?span=${span}`);
  press();
  refresh();
}

function start() {
  for (const button of document.querySelectorAll("[data-span]")) button.addEventListener("click", () => choose(button.dataset.span));
  byId("refresh").addEventListener("click", refresh);
  byId("key-form").addEventListener("submit", (event) => {
    event.preventDefault();
    key.set(byId("api-key").value.trim());
    refresh();
  });
  document.addEventListener("visibilitychange", () => {
    if (document.visibilityState === "visible" && Date.now() - shownAt > STALE_MS) refresh();
  });
  window.matchMedia("(max-width: 40rem)").addEventListener("change", () => shown && show(shown));
  press();
  refresh();
}

start();
