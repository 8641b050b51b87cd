// Which of the model card's slices an estimate belongs to: the measured error of estimates like it.

import { dollars, t } from "./phrases.js";

const NAMES = ["variety", "winery", "region"];
const ALL = [...NAMES, "designation", "points"];
const SHORT = /, first (\d+) words of the note$/;
const NO_NOTE = ", no note";

// The slice of requests that give as much, of this price where it was measured: { name, rows, median_ape,
// coverage }, or null. Cards of before know requests by their fields alone.
export function kindOf({ prediction, warnings = [] }, wine, { slices = [] }) {
  const fields = given(wine);
  const requests = slices.filter(({ slice }) => slice === "request");
  const words = warnings.some(({ code }) => code === "unknown_language") ? 0 : wordsIn(wine.description);
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
  return { group: "required fields", key: "kind.required" };
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
