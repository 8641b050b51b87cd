// What moved the price, as bars: to the right it rises, to the left it falls. Lengths are logarithmic.

import { element, svg } from "./elements.js";
import { dollars, fold, knows, localNames, say, times } from "./phrases.js";

const SHOWN = 8;
// What the service calls the words of the note that it does not name one by one.
const OTHER_WORDS = "other words";
// Words that say nothing of a wine by themselves; what they moved is told with the other words.
const SMALL_WORDS = new Set(("a an and are as at be but by et for from has have in is it its la le les of on or that the this to un une with").split(" "));
const FELT = Math.log(1.01);
const HALF = 100;
const LONGEST = Math.log(1.4);

// `wine` is what was asked: its own spelling is shown, not the one the model compares by.
export function factorList({ base_price: base, factors }, wine) {
  const strongest = gathered(factors).sort((a, b) => strength(b) - strength(a));
  const shown = strongest.filter((factor) => strength(factor) >= FELT).slice(0, SHOWN);
  const rest = strongest.slice(shown.length).reduce((product, { factor }) => product * factor, 1);
  const rows = shown.map((factor) => ({ ...named(factor, wine), factor: factor.factor }));
  if (strongest.length > shown.length) rows.push({ term: say("estimate.why.rest"), note: "", factor: rest });
  const longest = Math.max(LONGEST, ...rows.map(strength));
  return element("section", { class: "why", "aria-labelledby": "why-heading" },
    element("h3", { id: "why-heading" }, say("estimate.why")),
    element("p", { class: "hint" }, say("estimate.why.base", { price: dollars(base) })),
    element("ul", { class: "factors" }, ...rows.map((row) => factorRow(row, longest))));
}

// The factors, with small words and the note's other words as one.
function gathered(factors) {
  const other = ({ field, term }) => field === "description" && (term === OTHER_WORDS || SMALL_WORDS.has(term));
  const product = factors.filter(other).reduce((all, { factor }) => all * factor, 1);
  const named = factors.filter((factor) => !other(factor));
  return named.length < factors.length ? [...named, { field: "description", term: OTHER_WORDS, factor: product }] : named;
}

const strength = ({ factor }) => Math.abs(Math.log(factor));

function named({ field, term }, wine) {
  const name = fieldName(field);
  if (!term) return { term: say("estimate.why.missing", { field: name }), note: "" };
  if (field === "description" && term === OTHER_WORDS) return { term: say("estimate.why.words"), note: "" };
  if (field === "points") return { term, note: "" };
  const asked = String(wine[field] ?? "");
  const shown = fold(asked) === fold(term) ? asked : term;
  return { term: localNames[field]?.[shown] ?? shown, note: name };
}

const fieldName = (field) => (knows(`name.${field}`) ? say(`name.${field}`) : field);

function factorRow({ term, note, factor }, longest) {
  const name = element("span", { class: "term" }, term);
  if (note && note !== term) name.append(" ", element("span", { class: "local" }, note));
  return element("li", {}, name, bar(factor, longest),
    element("span", { class: "factor" }, times(factor), element("span", { class: "hidden" }, ` ${direction(factor)}`)));
}

function direction(factor) {
  if (Math.abs(Math.log(factor)) < 0.005) return say("estimate.why.even");
  return say(factor > 1 ? "estimate.why.up" : "estimate.why.down");
}

function bar(factor, longest) {
  const length = Math.max((strength({ factor }) / longest) * HALF, 1);
  const rises = factor >= 1;
  return svg("svg", { viewBox: `0 0 ${2 * HALF} 12`, class: "bar", "aria-hidden": "true", preserveAspectRatio: "none" },
    svg("rect", { class: rises ? "up" : "down", x: rises ? HALF : HALF - length, y: 1, width: length, height: 10 }),
    svg("line", { class: "axis", x1: HALF, x2: HALF, y1: 0, y2: 12 }));
}
