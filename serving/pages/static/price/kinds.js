// Which of the model card's slices an estimate belongs to: the measured error of estimates like it.

import { dollars, t } from "../shared/phrases.js";

const NAMES = ["variety", "winery", "region"];
const ALL = [...NAMES, "designation", "points"];
const SHORT = /, first (\d+) words of the note$/;
const NO_NOTE = ", no note";

// Nothing like these was measured: test wines have a known place and a vintage of the years that were learned.
const NOT_MEASURED = ["unknown_country", "unknown_province", "no_vintage", "vintage_out_of_range"];

// The slice of requests that give as much, of this price where it was measured: { name, rows, median_ape,
// coverage }, or null. Names that the model does not know count as not given. Cards of before know requests by
// their fields alone.
export function kindOf({ prediction, warnings = [] }, wine, { slices = [] }) {
  const codes = warnings.map(({ code }) => code);
  if (codes.some((code) => NOT_MEASURED.includes(code))) return null;
  const fields = given(Object.fromEntries(Object.entries(wine).filter(([field]) => !codes.includes(`unknown_${field}`))));
  const requests = slices.filter(({ slice }) => slice === "request");
  const words = codes.includes("unknown_language") ? 0 : wordsIn(wine.description);
  const note = noteOf(words, requests);
  const alike = requests.filter(({ view }) => view === fields.group + note.suffix);
  const slice = alike.find((one) => isPriceOf(one, prediction)) ?? alike.find(isWhole);
  if (slice) return { ...slice, name: [t(fields.key), note.name, priceOf(slice)].filter(Boolean).join(", ") };
  const old = slices.find((one) => one.slice === "provided fields" && one.group === fields.group);
  return old ? { ...old, name: t(fields.key) } : null;
}

function given(wine) {
  if (ALL.every((field) => wine[field])) return { group: "all", key: "kind.all" };
  if (NAMES.every((field) => wine[field])) return { group: "+ variety, winery, region", key: "kind.names" };
  return { group: "required fields", key: ALL.some((field) => wine[field]) ? "kind.required.more" : "kind.required" };
}

const wordsIn = (note = "") => note.split(/\s+/).filter(Boolean).length;

function noteOf(words, requests) {
  if (words === 0) return { suffix: NO_NOTE, name: t("kind.note.none") };
  const [suffix, limit] = requests.map(({ view }) => SHORT.exec(view)).find(Boolean) ?? ["", 0];
  return words <= limit ? { suffix, name: t("kind.note.short", { words: limit }) } : { suffix: "", name: t("kind.note.whole") };
}

const isWhole = ({ group, view }) => group === view;

const isPriceOf = (slice, price) => !isWhole(slice) && price >= (slice.from ?? 0) && price < (slice.to ?? Infinity);

function priceOf(slice) {
  if (isWhole(slice) || !(slice.from || slice.to)) return "";
  const { from, to } = slice;
  const key = from ? (to ? "kind.price" : "kind.price.above") : "kind.price.below";
  return t(key, { low: from && dollars(from), high: to && dollars(to) });
}
