// The form: reading it, filling it, and saying what is wrong beside the field that is wrong.

import { byId, element } from "../shared/elements.js";
import { count, fold, hasPhrase, noVintage, parseNumber, t } from "../shared/phrases.js";

export const FIELDS = ["country", "province", "millesime", "description", "variety", "winery", "region", "designation", "points"];
const REQUIRED = ["country", "province", "millesime"];
const FIRST_VINTAGE = 1900;
const LAST_VINTAGE = 2039;

// What was typed, without surrounding space and without what was left empty.
export function typed() {
  const pairs = FIELDS.map((name) => [name, byId(name).value.trim()]);
  return Object.fromEntries(pairs.filter(([, value]) => value));
}

// The same as a request: numbers as numbers, and a note even where there is none.
export function request() {
  const wine = { description: "", ...typed() };
  if (wine.points) wine.points = score(wine.points);
  return wine;
}

// "92", "92,5", "92/100" and "92 pts" are scores.
const score = (text) => parseNumber(text.replace(/\s*(\/\s*100|pts?\.?|points?|punkte|punti|puntos)$/i, ""));

export function fill(values) {
  for (const name of FIELDS) byId(name).value = values[name] ?? "";
  clearErrors();
}

// Field → what is wrong with it; empty when all is well.
export function validate() {
  const wine = typed();
  const found = {};
  for (const name of REQUIRED) if (!wine[name]) found[name] = t("error.required");
  for (const name of FIELDS) {
    const limit = Number(byId(name).dataset.limit);
    if ((wine[name]?.length ?? 0) > limit) found[name] = t("error.long", { length: count(wine[name].length), limit: count(limit) });
  }
  if (wine.millesime && !isNoVintage(wine.millesime) && !plausibleVintage(wine.millesime)) found.millesime = t("error.millesime");
  if (wine.points && !(score(wine.points) >= 80 && score(wine.points) <= 100)) found.points = t("error.points");
  return found;
}

// In words that the service knows: "N.V.", "sans année", "o. J.".
const isNoVintage = (text) => noVintage.has(fold(text).replace(/[^a-z0-9]/g, ""));

function plausibleVintage(text) {
  const year = Number(text.replace(/^['’]|[.,]0*$/g, ""));
  return Number.isInteger(year) && year >= FIRST_VINTAGE && year <= LAST_VINTAGE;
}

// Marks the fields and lists them, each with a link to it. `foreign`: messages of the service's own, in English.
export function showErrors(messages, { foreign = false } = {}) {
  clearErrors();
  const names = FIELDS.filter((name) => messages[name]);
  for (const name of names) {
    const place = byId(`${name}-error`);
    const ours = foreign && hasPhrase(`error.${name}`);
    place.textContent = ours ? t(`error.${name}`) : messages[name];
    if (foreign && !ours) place.lang = "en";
    byId(name).setAttribute("aria-invalid", "true");
  }
  return names;
}

// What to say above the form: how many fields are wrong, and which.
export function errorSummary(names) {
  const links = names.map((name) => element("li", {}, element("a", { href: `#${name}`, onclick: (event) => jump(event, name) }, t(`field.${name}`))));
  return [element("p", {}, names.length === 1 ? t("error.field") : t("error.fields", { count: names.length })), element("ul", {}, ...links)];
}

function jump(event, name) {
  event.preventDefault();
  byId(name).focus();
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
