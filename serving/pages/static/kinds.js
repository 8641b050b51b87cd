// Which of the model card's slices an estimate belongs to: the measured error of estimates like it.

import { dollars, t } from "./phrases.js";

const NAMES = ["variety", "winery", "region"];
const ALL = [...NAMES, "designation", "points"];

// The slice of estimates of this size, else that of the fields given: { name, rows, median_ape, coverage } or null.
export function kindOf({ prediction }, wine, { slices = [] }) {
  return ofPrice(prediction, slices) ?? ofFields(wine, slices);
}

function ofPrice(price, slices) {
  const slice = slices.find(({ slice: name, from, to }) => name === "estimated price" && price >= (from ?? 0) && price < (to ?? Infinity));
  if (!slice) return null;
  const { from, to } = slice;
  const key = from ? (to ? "kind.price" : "kind.price.above") : "kind.price.below";
  return { ...slice, name: t(key, { low: from && dollars(from), high: to && dollars(to) }) };
}

function ofFields(wine, slices) {
  const [group, key] = given(wine);
  const slice = slices.find((one) => one.slice === "provided fields" && one.group === group);
  return slice ? { ...slice, name: t(key) } : null;
}

function given(wine) {
  if (ALL.every((field) => wine[field])) return ["all", "kind.all"];
  if (NAMES.every((field) => wine[field])) return ["+ variety, winery, region", "kind.names"];
  return ["the four", "kind.four"];
}
