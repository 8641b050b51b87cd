// What explains the price, as bars: to the right it rises, to the left it falls. Lengths are logarithmic.

import { element, svg } from "../shared/elements.js";
import { isOwnLanguage, localName } from "./names.js";
import { change, dollars, fold, hasPhrase, language, t } from "../shared/phrases.js";

const SHOWN = 8;
const WORDS_SHOWN = 3;
// What the service calls the words of the note that it does not name one by one.
const OTHER_WORDS = "other words";
// Words that say nothing of a wine by themselves.
const SMALL_WORDS = new Set(("a an and are as at be but by et for from has have in is it its la le les of on or that the this to un une with").split(" "));
const FELT = Math.log(1.01);
const HALF = 100;
const LONGEST = Math.log(1.4);

// `wine` is what was asked: its own spelling is shown, not the one the model compares by. `spoken` is the language
// of its note.
export function factorList({ base_price: base, factors }, wine, warnings, spoken) {
  const rows = [noteRow(factors, spoken), ...factors.filter(({ field }) => field !== "description").map((factor) => namedRow(factor, wine))].filter(Boolean);
  rows.sort((a, b) => strength(b) - strength(a));
  const shown = rows.filter((row) => row.words || strength(row) >= FELT).slice(0, SHOWN);
  const rest = rows.filter((row) => !shown.includes(row)).reduce((product, { factor }) => product * factor, 1);
  if (strength({ factor: rest }) >= FELT) shown.push({ term: t("estimate.why.rest"), note: "", factor: rest });
  const longest = Math.max(LONGEST, ...shown.map(strength));
  return element("section", { class: "why", "aria-labelledby": "why-heading" },
    element("h3", { id: "why-heading" }, t("estimate.why")),
    element("p", { class: "hint" }, t("estimate.why.base", { price: dollars(base) })),
    element("ul", { class: "factors" }, ...shown.map((row) => factorRow(row, longest)), ...unknownRows(warnings, wine)));
}

const strength = ({ factor }) => Math.abs(Math.log(factor));

// The whole note in one row: its factor, and which of its words raised and lowered the price.
function noteRow(factors, spoken) {
  const parts = factors.filter(({ field }) => field === "description");
  if (parts.length === 0) return null;
  const words = asWritten(parts.filter(({ term }) => term && term !== OTHER_WORDS && !SMALL_WORDS.has(term)));
  const factor = parts.reduce((product, part) => product * part.factor, 1);
  const raised = strongest(words.filter((word) => Math.log(word.factor) >= FELT));
  const lowered = strongest(words.filter((word) => Math.log(word.factor) <= -FELT));
  const rises = raised ? phrased("estimate.why.raised", raised, spoken) : Math.log(factor) >= FELT && rest("estimate.why.raised");
  const falls = lowered ? phrased("estimate.why.lowered", lowered, spoken) : Math.log(factor) <= -FELT && rest("estimate.why.lowered");
  return { term: t("estimate.why.note"), factor, words: raised || lowered ? [rises, falls].filter(Boolean) : [] };
}

// Where no single word moved the price as the note did on the whole: its length, and words that it leaves out.
const rest = (key) => element("span", {}, t(key, { words: t("estimate.why.note.rest") }));

// The note's own words; several English ones that stand for the same of them are one.
function asWritten(parts) {
  const found = new Map();
  for (const { term, given, factor } of parts) {
    const word = given ?? term;
    found.set(word, { term: word, factor: factor * (found.get(word)?.factor ?? 1) });
  }
  return [...found.values()];
}

// `spoken`: the language of the words, which is that of the note.
function phrased(key, words, spoken) {
  const [before, after] = t(key).split("{words}");
  return element("span", {}, before, element("span", { lang: spoken === language ? null : spoken }, words), after);
}

const strongest = (words) => [...words].sort((a, b) => strength(b) - strength(a)).slice(0, WORDS_SHOWN).map(({ term }) => term).join(", ");

function namedRow({ field, term, factor }, wine) {
  const name = fieldName(field);
  if (!term) return { term: t("estimate.why.missing", { field: name }), note: "", factor };
  if (field === "millesime" && !/\d{3}/.test(term)) return { term: t("estimate.why.nv"), note: "", factor };
  if (field === "points") return { term: String(wine.points ?? term), note: name, factor };
  return { term: asReadersKnow(field, term, String(wine[field] ?? "")), note: name, factor };
}

// The name as it was typed; what it was read as beside it, in the reader's language, where it is another one.
function asReadersKnow(field, term, asked) {
  if (fold(asked) === fold(term)) return asked;
  const used = asked && term.startsWith(`${asked} (`) && term.endsWith(")") ? term.slice(asked.length + 2, -1) : "";
  if (!used) return term;
  return isOwnLanguage(field, asked, used) ? asked : `${asked} (${localName(field, used)})`;
}

// Names that the model does not know change nothing, and are said to.
function unknownRows(warnings, wine) {
  return warnings.filter(({ code, field }) => code === `unknown_${field}` && wine[field]).map(({ field }) =>
    element("li", { class: "unknown" }, element("span", { class: "term" }, wine[field], " ", element("span", { class: "local" }, t("estimate.why.unknown")))));
}

const fieldName = (field) => (hasPhrase(`name.${field}`) ? t(`name.${field}`) : field);

function factorRow({ term, note, words = [], factor }, longest) {
  const name = element("span", { class: "term" }, term);
  if (words.length) name.append(" ", element("span", { class: "local" }, ...words.flatMap((phrase, place) => [place ? " · " : "", phrase])));
  if (note && note !== term) name.append(" ", element("span", { class: "local" }, note));
  return element("li", {}, name, bar(factor, longest),
    element("span", { class: "factor" }, change(factor), element("span", { class: "hidden" }, ` ${direction(factor)}`)));
}

function direction(factor) {
  if (strength({ factor }) < FELT / 2) return t("estimate.why.even");
  return t(factor > 1 ? "estimate.why.up" : "estimate.why.down");
}

function bar(factor, longest) {
  const length = Math.max((strength({ factor }) / longest) * HALF, 1);
  const rises = factor >= 1;
  return svg("svg", { viewBox: `0 0 ${2 * HALF} 12`, class: "bar", "aria-hidden": "true", preserveAspectRatio: "none" },
    svg("rect", { class: rises ? "up" : "down", x: rises ? HALF : HALF - length, y: 1, width: length, height: 10 }),
    svg("line", { class: "axis", x1: HALF, x2: HALF, y1: 0, y2: 12 }));
}
