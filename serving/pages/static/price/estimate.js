// The answer: the wine it is for, the price and its range, what to know about it, and what explains it.

import { byId, element } from "../shared/elements.js";
import { factorList } from "./factors.js";
import { feedbackForm } from "./feedback.js";
import { kindOf } from "./kinds.js";
import { isOwnLanguage, localName } from "./names.js";
import { count, dollarFormat, hasPhrase, language, languageName, percent, t } from "../shared/phrases.js";
import { priceScale } from "./price-scale.js";

// `correct(field, name)` replaces what was typed and estimates again. `model` is the answer of /model, or {}.
export function showEstimate(answer, wine, model, correct) {
  byId("waiting").hidden = true;
  markStale(false);
  const { prediction: price, interval, explanation } = answer;
  const warnings = (answer.warnings ?? []).filter(({ code, field, given, used }) => code !== "read_as" || !isOwnLanguage(field, given ?? "", used ?? ""));
  const kind = kindOf(answer, wine, model.card ?? {});
  const place = byId("estimate");
  place.hidden = false;
  place.replaceChildren(
    element("p", { class: "wine-priced" }, t("estimate.of", { wine: summary(wine) })),
    headline(price, interval),
    element("p", { class: "range" }, rangeText("estimate.range", price, { ...interval, coverage: kind?.coverage ?? interval.coverage })),
    priceScale(price, interval.low, interval.high),
    ...facts(answer, kind, model),
    warnings.length ? warningList(warnings, wine, model, correct) : "",
    explanation?.factors?.length ? factorList(explanation, wine, warnings, answer.language || "en") : "",
    element("div", { class: "after" }, linkButton(), feedbackForm(answer.request_id, interval)),
  );
  byId("announcement").textContent = rangeText("estimate.announce", price, interval);
}

export function clearEstimate() {
  markStale(false);
  byId("estimate").hidden = true;
  byId("estimate").replaceChildren();
  byId("waiting").hidden = false;
  byId("announcement").textContent = "";
}

// The form no longer holds the wine that was priced.
export function markStale(stale) {
  byId("stale").hidden = !stale;
  byId("answer").classList.toggle("stale", stale);
  byId("estimate").inert = stale;
}

const SUMMARY = ["winery", "designation", "variety", "millesime", "region", "province", "country"];

// A name that stands in two fields, Champagne for one, is said once.
const summary = (wine) => [...new Set(SUMMARY.map((field) => (field === "millesime" ? vintage(wine[field]) : wine[field])).filter(Boolean))].join(", ");

const vintage = (given = "") => (/\d/.test(given) ? given : t("estimate.why.nv"));

function headline(price, { low, high }) {
  const write = dollarFormat(price, low, high);
  return element("p", { class: "headline" },
    element("strong", { id: "amount" }, write(price)), " ", element("span", {}, t("estimate.bottle")));
}

function rangeText(key, price, { low, high, coverage }) {
  const write = dollarFormat(price, low, high);
  return t(key, { price: write(price), low: write(low), high: write(high), coverage: percent(coverage) });
}

// What the figures mean, and how good estimates of this kind were on wines that the model had not seen.
function facts(answer, kind, { card = {} }) {
  const { first_vintage: first, last_vintage: last } = card.data ?? {};
  return [
    kind ? element("p", { class: "fact", id: "kind" }, t("estimate.kind", { kind: kind.name, rows: count(kind.rows), error: percent(kind.median_ape), coverage: percent(kind.coverage) })) : "",
    first && last ? element("p", { class: "fact", id: "basis" }, t("estimate.basis", { first, last })) : "",
    answer.language && answer.language !== language && answer.language !== "und"
      ? element("p", { class: "fact", id: "note-language" }, t("estimate.language", { language: languageName(answer.language) })) : "",
  ];
}

function warningList(warnings, wine, model, correct) {
  return element("section", { class: "warnings", "aria-labelledby": "warnings-heading" },
    element("h3", { id: "warnings-heading" }, t("estimate.warnings")),
    element("ul", {}, ...warnings.map((warning) => warningItem(warning, wine, model, correct))));
}

function warningItem(warning, wine, { card = {} }, correct) {
  const { code, field, message, suggestion } = warning;
  const { first_vintage: first, last_vintage: last } = card.data ?? {};
  const values = { field, value: warning.given ?? wine[field] ?? "", used: localName(field, warning.used ?? suggestion ?? ""), first, last };
  const known = hasPhrase(`warning.${code}`) && !(code === "vintage_out_of_range" && !first) && !(code === "read_as" && !values.used);
  const item = element("li", { "data-code": code }, element("span", { lang: known || language === "en" ? null : "en" }, known ? t(`warning.${code}`, values) : message));
  if (suggestion && code !== "read_as") {
    item.append(" ", element("button", { type: "button", class: "chip", onclick: () => correct(field, suggestion) }, t("use", { name: localName(field, suggestion) })));
  }
  return item;
}

function linkButton() {
  const button = element("button", { type: "button", class: "quiet" }, t("estimate.link"));
  button.addEventListener("click", async () => {
    const copied = await navigator.clipboard?.writeText(location.href).then(() => true, () => false);
    button.textContent = t(copied ? "estimate.link.done" : "estimate.link.failed");
    byId("announcement").textContent = button.textContent;
  });
  return button;
}
