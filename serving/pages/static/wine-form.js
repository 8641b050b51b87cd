// The form: reading it, filling it, and saying what is wrong beside the field that is wrong.

import { byId } from "./elements.js";
import { modelName } from "./names.js";
import { say } from "./phrases.js";

export const FIELDS = ["country", "province", "description", "millesime", "variety", "winery", "region", "designation", "points"];
const REQUIRED = FIELDS.slice(0, 4);
const FIRST_VINTAGE = 1900;
const LAST_VINTAGE = 2039;

// What was typed, without surrounding space and without what was left empty.
export function typed() {
  const pairs = FIELDS.map((name) => [name, byId(name).value.trim()]);
  return Object.fromEntries(pairs.filter(([, value]) => value));
}

// The same as a request: the model's own names, numbers as numbers.
export function request() {
  const wine = Object.fromEntries(Object.entries(typed()).map(([name, value]) => [name, modelName(name, value)]));
  if (wine.points) wine.points = score(wine.points);
  return wine;
}

const score = (text) => Number(text.replace(",", "."));

export function fill(values) {
  for (const name of FIELDS) byId(name).value = values[name] ?? "";
  clearErrors();
}

// Field → what is wrong with it; empty when all is well.
export function faults() {
  const wine = typed();
  const found = {};
  for (const name of REQUIRED) if (!wine[name]) found[name] = say("error.required");
  if (wine.millesime && !plausibleVintage(wine.millesime)) found.millesime = say("error.millesime");
  if (wine.points && !(score(wine.points) >= 80 && score(wine.points) <= 100)) found.points = say("error.points");
  return found;
}

function plausibleVintage(text) {
  if (/^(nv|n\.v\.|non[ -]vintage)$/i.test(text)) return true;
  return /^\d{4}$/.test(text) && Number(text) >= FIRST_VINTAGE && Number(text) <= LAST_VINTAGE;
}

// `foreign`: the messages are the service's own, in English. Returns the first field at fault.
export function showErrors(messages, { foreign = false } = {}) {
  clearErrors();
  const names = FIELDS.filter((name) => messages[name]);
  for (const name of names) {
    const place = byId(`${name}-error`);
    place.textContent = messages[name];
    if (foreign) place.lang = "en";
    byId(name).setAttribute("aria-invalid", "true");
  }
  return names.length ? byId(names[0]) : null;
}

export function clearErrors() {
  FIELDS.forEach(clearError);
}

export function clearError(name) {
  const place = byId(`${name}-error`);
  place.textContent = "";
  place.removeAttribute("lang");
  byId(name).removeAttribute("aria-invalid");
}
