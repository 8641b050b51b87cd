// The interval on a scale of prices. The scale is logarithmic: a factor of two is the same length everywhere.

import { element, svg } from "../shared/elements.js";
import { dollarFormat, t, wholeDollars } from "../shared/phrases.js";

const HEIGHT = 118;
const EDGE = 26;
const LINE = 74;
const WIDEST = 560;
const STEPS = [[1, 2, 5], [1, 3], [1]];
// Pixels between two figures, and of a letter of them at most.
const GAP = 6;
const LETTER = 9;

// Drawn again whenever its place changes width, so that its figures stay as large as the text around them.
export function priceScale(price, low, high) {
  const place = element("div", { class: "price-scale" });
  let drawn = 0;
  new ResizeObserver(([{ contentRect: { width } }]) => {
    if (width === 0 || Math.abs(width - drawn) < 1) return;
    drawn = width;
    place.replaceChildren(drawing(price, low, high, Math.min(width, WIDEST)));
  }).observe(place);
  return place;
}

// `width` in pixels.
function drawing(price, low, high, width) {
  const write = dollarFormat(price, low, high);
  const [from, to] = reach(low, high);
  const at = (amount) => EDGE + ((Math.log(amount) - Math.log(from)) / (Math.log(to) - Math.log(from))) * (width - 2 * EDGE);
  const label = t("estimate.range.label", { price: write(price), low: write(low), high: write(high) });
  return svg("svg", { viewBox: `0 0 ${width} ${HEIGHT}`, role: "img", "aria-label": label },
    svg("line", { class: "axis", x1: EDGE, x2: width - EDGE, y1: LINE, y2: LINE }),
    ...ticks(from, to, at).flatMap((amount) => tick(amount, at(amount))),
    svg("rect", { class: "band", x: at(low), y: LINE - 13, width: at(high) - at(low), height: 26, rx: 13 }),
    svg("circle", { class: "mark-halo", cx: at(price), cy: LINE, r: 11 }),
    svg("circle", { class: "mark", cx: at(price), cy: LINE, r: 8 }),
    ...ends(at(low), write(low), at(high), write(high)),
  );
}

// A little room on both sides, and never a scale so short that it makes a wide interval look narrow.
function reach(low, high) {
  const middle = Math.sqrt(low * high);
  return [Math.min(low / 1.5, middle / 5), Math.max(high * 1.5, middle * 5)];
}

// The finest row of amounts whose figures do not touch.
function ticks(from, to, at) {
  const rows = STEPS.map((steps) => amounts(steps, from, to));
  return rows.find((row) => row.every((amount, place) => place === 0 || at(amount) - at(row[place - 1]) >= room(row[place - 1], amount))) ?? rows.at(-1);
}

const room = (...pair) => GAP + (LETTER / 2) * pair.reduce((sum, amount) => sum + wholeDollars(amount).length, 0);

function amounts(steps, from, to) {
  const found = [];
  for (let power = Math.floor(Math.log10(from)); power <= Math.ceil(Math.log10(to)); power += 1) {
    for (const step of steps) found.push(step * 10 ** power);
  }
  return found.filter((amount) => amount >= Math.max(from, 1) && amount <= to);
}

function tick(amount, x) {
  return [
    svg("line", { class: "axis", x1: x, x2: x, y1: LINE - 4, y2: LINE + 4 }),
    svg("text", { class: "tick", x, y: LINE + 36, "text-anchor": "middle" }, wholeDollars(amount)),
  ];
}

function ends(lowAt, low, highAt, high) {
  const apart = highAt - lowAt > 70;
  const y = LINE - 30;
  return [
    svg("text", { class: "end", x: lowAt + (apart ? 0 : -4), y, "text-anchor": apart ? "middle" : "end" }, low),
    svg("text", { class: "end", x: highAt + (apart ? 0 : 4), y, "text-anchor": apart ? "middle" : "start" }, high),
  ];
}
