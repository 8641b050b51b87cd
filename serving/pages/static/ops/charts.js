// Charts over time as SVG: bars, lines, bands and the rows of a time line. Each has a table beside it with its figures.

import { element, svg } from "../shared/elements.js";

const HEIGHT = 190;
const MARGIN = { left: 54, right: 14, top: 16, bottom: 26 };
const ROW = 26;
const HOUR = 3_600_000;

// As wide as its card, so that its words are as large as those around it.
export function chartWidth() {
  return Math.round(Math.min(560, Math.max(270, window.innerWidth - 80)));
}

// chart: { title, note, points: [{at: ms, …}], from, to, bucket (ms), series: [{key, label, kind, low, high, className}],
//          format, logarithmic, whole (counts), marks: [{at, label}], width }. `kind` is "bar", "line", "band" or "dots".
export function timeChart(chart) {
  const values = chart.points.flatMap((point) => chart.series.flatMap(({ key, low, high }) => [point[key], point[low], point[high]]))
    .filter((value) => Number.isFinite(value) && (!chart.logarithmic || value > 0));
  if (values.length === 0) return figure(chart, element("p", { class: "nothing" }, "No figures in this span."));
  const x = timeScale(chart, MARGIN.left, chart.width - MARGIN.right);
  const y = valueScale(values, chart, HEIGHT - MARGIN.bottom, MARGIN.top);
  const readout = element("p", { class: "readout", "aria-hidden": "true" });
  const drawing = svg("svg", { viewBox: `0 0 ${chart.width} ${HEIGHT}`, class: "chart", role: "img", "aria-label": `${chart.title}. ${chart.note ?? ""}` },
    ...valueAxis(y, chart), ...timeAxis(chart, x, HEIGHT - MARGIN.bottom),
    ...(chart.marks ?? []).flatMap((mark) => versionMark(mark, x)),
    ...chart.series.flatMap((series) => draw[series.kind](chart, series, x, y)));
  follow(drawing, chart, x, readout);
  return figure(chart, legend(chart.series), drawing, readout, table(chart));
}

// Rows of a time line: { title, rows: [{label, points: [{at, requests}]}], from, to, bucket }.
export function timeLine(chart) {
  const height = chart.rows.length * ROW + MARGIN.top + MARGIN.bottom;
  const x = timeScale(chart, MARGIN.left + 30, chart.width - MARGIN.right);
  const rows = chart.rows.flatMap(({ label, points }, row) => [
    svg("text", { class: "row-label", x: MARGIN.left + 20, y: MARGIN.top + row * ROW + 17, "text-anchor": "end" }, label),
    ...points.map(({ at, requests }) => svg("rect", {
      class: "use", x: x(at), y: MARGIN.top + row * ROW + 4, width: Math.max(x(at + chart.bucket) - x(at), 2), height: ROW - 8,
    }, svg("title", {}, `${label}: ${requests} requests, ${moment(at, chart)}`))),
  ]);
  return figure(chart,
    svg("svg", { viewBox: `0 0 ${chart.width} ${height}`, class: "chart rows", role: "img", "aria-label": `${chart.title}. ${chart.note ?? ""}` },
      ...timeAxis(chart, x, height - MARGIN.bottom), ...rows),
    versionTable(chart));
}

function figure({ title, note }, ...content) {
  return element("figure", { class: "card" },
    element("figcaption", {}, element("h2", {}, title), note ? element("p", { class: "hint" }, note) : null), ...content);
}

const timeScale = ({ from, to }, left, right) => (at) => left + ((Math.min(Math.max(at, from), to) - from) / (to - from)) * (right - left);

function valueScale(values, { logarithmic, whole }, bottom, top) {
  const change = logarithmic ? Math.log : (value) => value;
  const highest = Math.max(...values);
  const ticks = logarithmic ? logTicks(Math.min(...values), highest) : linearTicks(highest, whole ? 1 : 0);
  const [first, last] = [change(ticks[0]), change(ticks.at(-1))];
  const scale = (value) => bottom - ((change(Math.max(value, ticks[0])) - first) / (last - first)) * (bottom - top);
  return Object.assign(scale, { ticks });
}

function linearTicks(highest, least) {
  const raw = Math.max((highest || 1) / 4, least);
  const power = 10 ** Math.floor(Math.log10(raw));
  const step = [1, 2, 2.5, 5, 10].find((factor) => factor * power >= raw) * power;
  return Array.from({ length: Math.ceil((highest || 1) / step - 1e-9) + 1 }, (_, index) => index * step);
}

function logTicks(lowest, highest) {
  const all = [];
  for (let power = -2; power <= 6; power += 1) for (const step of [1, 2, 5]) all.push(step * 10 ** power);
  const first = all.findLastIndex((tick) => tick <= lowest * 0.999);
  const last = all.findIndex((tick) => tick >= highest);
  return all.slice(Math.max(first, 0), (last < 0 ? all.length - 1 : last) + 1);
}

// The distance between ticks goes to `format`, so that neighbours never read alike.
function valueAxis(y, { format, width }) {
  const step = y.ticks[1] - y.ticks[0];
  return y.ticks.flatMap((tick) => [
    svg("line", { class: "grid-line", x1: MARGIN.left, x2: width - MARGIN.right, y1: y(tick), y2: y(tick) }),
    svg("text", { x: MARGIN.left - 8, y: y(tick) + 4, "text-anchor": "end" }, format(tick, step)),
  ]);
}

function timeAxis(chart, x, bottom) {
  const step = chart.to - chart.from <= 25 * HOUR ? 6 * HOUR : Math.ceil((chart.to - chart.from) / ((chart.width / 90) * 24 * HOUR)) * 24 * HOUR;
  const first = new Date(chart.from);
  first.setHours(0, 0, 0, 0);
  const marks = [];
  for (let at = first.getTime(); at <= chart.to; at += step) if (at >= chart.from) marks.push(at);
  const write = step < 24 * HOUR ? { hour: "2-digit", minute: "2-digit" } : { day: "numeric", month: "short" };
  return marks.filter((at) => x(at) < chart.width - 30).flatMap((at) => [
    svg("line", { class: "axis", x1: x(at), x2: x(at), y1: bottom, y2: bottom + 5 }),
    svg("text", { x: x(at), y: bottom + 20, "text-anchor": "middle" }, new Intl.DateTimeFormat("en", { ...write, hour12: false }).format(at)),
  ]);
}

const versionMark = ({ at, label }, x) => [
  svg("line", { class: "version-mark", x1: x(at), x2: x(at), y1: MARGIN.top, y2: HEIGHT - MARGIN.bottom }),
  svg("text", { class: "version-name", x: x(at) + 4, y: MARGIN.top + 1 }, label),
];

const middle = (chart, point) => point.at + chart.bucket / 2;

const draw = {
  bar: (chart, { key, className }, x, y) => chart.points.filter((point) => point[key] > 0).map((point) => svg("rect", {
    class: `bar ${className}`, x: x(point.at) + 0.5, width: Math.max(x(point.at + chart.bucket) - x(point.at) - 1, 1.5),
    y: y(point[key]), height: y(y.ticks[0]) - y(point[key]),
  })),
  line: (chart, { key, className }, x, y) => runs(chart, key).map((run) => run.length === 1
    ? svg("circle", { class: `dot ${className}`, cx: x(middle(chart, run[0])), cy: y(run[0][key]), r: 2.5 })
    : svg("polyline", { class: `line ${className}`, points: run.map((point) => `${x(middle(chart, point))},${y(point[key])}`).join(" ") })),
  band: (chart, { low, high, className }, x, y) => runs(chart, low).map((run) => svg("polygon", {
    class: `band ${className}`,
    points: [...run.map((point) => `${x(middle(chart, point))},${y(point[high])}`),
      ...[...run].reverse().map((point) => `${x(middle(chart, point))},${y(point[low])}`)].join(" "),
  })),
  dots: (chart, { key, className }, x, y) => chart.points.filter((point) => Number.isFinite(point[key])).map((point) =>
    svg("circle", { class: `dot ${className}`, cx: x(middle(chart, point)), cy: y(point[key]), r: 3.5 })),
};

// Neighbouring buckets that have the figure: a gap stays a gap.
function runs(chart, key) {
  const found = [];
  let last = null;
  for (const point of chart.points) {
    if (!Number.isFinite(point[key])) continue;
    if (last === null || point.at - last > chart.bucket * 1.5) found.push([]);
    found.at(-1).push(point);
    last = point.at;
  }
  return found;
}

function legend(series) {
  if (series.length < 2) return null;
  return element("ul", { class: "legend" }, ...series.map(({ label, className, kind }) => element("li", { class: `${className} ${kind}` }, label)));
}

// The figures under the pointer, in words.
function follow(drawing, chart, x, readout) {
  const cursor = svg("line", { class: "cursor", y1: MARGIN.top, y2: HEIGHT - MARGIN.bottom, x1: -9, x2: -9 });
  drawing.append(cursor);
  drawing.addEventListener("pointermove", (event) => {
    const at = ((event.clientX - drawing.getBoundingClientRect().left) / drawing.clientWidth) * chart.width;
    const near = chart.points.reduce((best, point) => (Math.abs(x(middle(chart, point)) - at) < Math.abs(x(middle(chart, best)) - at) ? point : best));
    const place = x(middle(chart, near));
    cursor.setAttribute("x1", place);
    cursor.setAttribute("x2", place);
    readout.textContent = `${moment(near.at, chart)}: ${figures(chart, near).map(([label, text]) => `${label} ${text}`).join(" · ")}`;
  });
  drawing.addEventListener("pointerleave", () => {
    cursor.setAttribute("x1", -9);
    cursor.setAttribute("x2", -9);
    readout.textContent = "";
  });
}

function figures(chart, point) {
  return chart.series.map(({ key, low, high, label }) => {
    const numbers = (key ? [point[key]] : [point[low], point[high]]).filter(Number.isFinite);
    return [label, numbers.length ? numbers.map((number) => chart.format(number)).join(" to ") : "none"];
  });
}

export const moment = (at, chart) => new Intl.DateTimeFormat("en", chart.bucket < 24 * HOUR
  ? { day: "numeric", month: "short", hour: "2-digit", minute: "2-digit", hour12: false }
  : { day: "numeric", month: "short", year: "numeric" }).format(at);

function table(chart) {
  const head = ["From", ...chart.series.map(({ label }) => label)];
  return folded(chart.title, head, chart.points.map((point) => [moment(point.at, chart), ...figures(chart, point).map(([, text]) => text)]));
}

function versionTable(chart) {
  const rows = chart.rows.map(({ label, points }) => [
    label, moment(points[0].at, chart), moment(points.at(-1).at, chart), String(points.reduce((sum, { requests }) => sum + requests, 0)),
  ]);
  return folded(chart.title, ["Version", "First answer", "Last answer", "Requests"], rows);
}

// Filled when it is opened: ninety rows by six charts are worth nothing to those who do not ask.
function folded(title, head, rows) {
  const details = element("details", {}, element("summary", {}, "Figures", element("span", { class: "hidden" }, ` of ${title}`)));
  details.addEventListener("toggle", () => details.append(
    element("div", { class: "scroll", tabindex: "0", role: "region", "aria-label": `Figures of ${title}` }, element("table", {},
      element("thead", {}, element("tr", {}, ...head.map((text) => element("th", { scope: "col" }, text)))),
      element("tbody", {}, ...rows.map(([first, ...rest]) => element("tr", {}, element("th", { scope: "row" }, first), ...rest.map((text) => element("td", {}, text)))))))), { once: true });
  return details;
}
