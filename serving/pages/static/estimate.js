// The answer: the price, its range, what to know about it, what made it, and what it really was.

import { byId, element } from "./elements.js";
import { factorList } from "./factors.js";
import { dollars, knows, language, languageName, percent, say } from "./phrases.js";
import { priceScale } from "./price-scale.js";
import { feedback } from "./service.js";

// `correct(field, name)` replaces what was typed and asks again. `model` is the model card, or {}.
export function showEstimate(answer, wine, model, correct) {
  byId("waiting").hidden = true;
  const { prediction: price, interval, warnings = [], explanation } = answer;
  const place = byId("estimate");
  place.hidden = false;
  place.replaceChildren(
    headline(price),
    element("p", { class: "range" }, rangeText("estimate.range", price, interval)),
    priceScale(price, interval.low, interval.high, Math.min(place.clientWidth, 560)),
    warnings.length ? warningList(warnings, wine, model, correct) : "",
    explanation?.factors?.length ? factorList(explanation, wine) : "",
    element("div", { class: "after" }, linkButton(), feedbackForm(answer.request_id)),
  );
  byId("announcement").textContent = rangeText("estimate.announce", price, interval);
}

export function forgetEstimate() {
  byId("estimate").hidden = true;
  byId("estimate").replaceChildren();
  byId("waiting").hidden = false;
  byId("announcement").textContent = "";
}

function headline(price) {
  return element("p", { class: "headline" },
    element("strong", { id: "amount" }, dollars(price)), " ", element("span", {}, say("estimate.bottle")));
}

function rangeText(key, price, { low, high, coverage }) {
  return say(key, { price: dollars(price), low: dollars(low), high: dollars(high), coverage: percent(coverage) });
}

function warningList(warnings, wine, model, correct) {
  return element("section", { class: "warnings", "aria-labelledby": "warnings-heading" },
    element("h3", { id: "warnings-heading" }, say("estimate.warnings")),
    element("ul", {}, ...warnings.map((warning) => warningItem(warning, wine, model, correct))));
}

function warningItem({ code, field, message, suggestion }, wine, model, correct) {
  const values = { field, value: wine[field] ?? "", language: languageName(model.language ?? "en") };
  const known = knows(`warning.${code}`);
  const item = element("li", { "data-code": code }, element("span", { lang: known ? null : "en" }, known ? say(`warning.${code}`, values) : message));
  if (suggestion) {
    item.append(" ", element("button", { type: "button", class: "chip", onclick: () => correct(field, suggestion) }, say("use", { name: suggestion })));
  }
  return item;
}

function linkButton() {
  const button = element("button", { type: "button", class: "quiet" }, say("estimate.link"));
  button.addEventListener("click", async () => {
    const copied = await navigator.clipboard?.writeText(location.href).then(() => true, () => false);
    button.textContent = say(copied ? "estimate.link.done" : "estimate.link.failed");
    byId("announcement").textContent = button.textContent;
  });
  return button;
}

function feedbackForm(requestId) {
  const input = element("input", { id: "real-price", type: "text", inputmode: "decimal", autocomplete: "off", maxlength: "12", "aria-describedby": "feedback-note", "aria-label": say("feedback.label") });
  const note = element("span", { id: "feedback-note", role: "status" });
  const form = element("form", { class: "feedback", novalidate: true },
    element("label", { for: "real-price" }, say("feedback.ask")), element("span", { class: "amount" }, "$", input),
    element("button", { type: "submit", class: "quiet" }, say("feedback.send")), note);
  form.addEventListener("submit", async (event) => {
    event.preventDefault();
    note.textContent = await sent(requestId, input);
  });
  return form;
}

async function sent(requestId, input) {
  const price = Number(input.value.trim().replace(",", ".").replace("$", ""));
  input.toggleAttribute("aria-invalid", !(price > 0));
  if (!(price > 0)) return say("feedback.invalid");
  return feedback({ request_id: requestId, price }).then(() => say("feedback.thanks"), () => say("feedback.failed"));
}
