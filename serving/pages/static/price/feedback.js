// The real price, sent once per estimate: read as the reader's language writes numbers, always in US dollars.

import { element } from "../shared/elements.js";
import { dollars, parseNumber, t } from "../shared/phrases.js";
import { feedback } from "../shared/service.js";

const IMPLAUSIBLE_RATIO = 4;
const OTHER_CURRENCY = /[€£¥₣]|(?<!U|US)[A-Z]\$|\b(eur|euros?|gbp|pounds?|libras?|sterline?|pfund|chf|francs?|franchi|francos?|franken|cad|aud|nzd|jpy)\b/i;
const DOLLARS = /(US|U\.S\.)?\s?\$|\b(US[- ]?)?(dollars?|dollari|d[oó]lar(es)?)(\s?(US|USA|américains|americani|estadounidenses))?\b|\bUSD?\b/giu;

// `interval` decides which prices are asked about once more before they are sent.
export function feedbackForm(requestId, interval) {
  const input = element("input", { id: "real-price", type: "text", inputmode: "decimal", autocomplete: "off", "aria-describedby": "real-price-unit feedback-note" });
  const note = element("p", { id: "feedback-note", role: "status" });
  const form = element("form", { class: "feedback", novalidate: true },
    element("label", { for: "real-price" }, t("feedback.ask"), element("span", { class: "hidden" }, ` ${t("feedback.label")}`)),
    element("span", { class: "amount" }, "$", input, element("span", { id: "real-price-unit" }, t("feedback.unit"))),
    element("button", { type: "submit", class: "quiet" }, t("feedback.send")), note);
  let confirmed = null;
  input.addEventListener("input", () => { confirmed = null; note.replaceChildren(); });
  form.addEventListener("submit", async (event) => {
    event.preventDefault();
    const { price, problem } = read(input.value);
    input.toggleAttribute("aria-invalid", Boolean(problem));
    if (problem) return void note.replaceChildren(problem);
    if (isImplausible(price, interval) && confirmed !== price) {
      confirmed = price;
      return void note.replaceChildren(t("feedback.far", { price: dollars(price) }), " ", element("button", { type: "submit", class: "chip" }, t("feedback.sure")));
    }
    await send(form, note, requestId, price);
  });
  return form;
}

async function send(form, note, requestId, price) {
  try {
    await feedback({ request_id: requestId, price });
  } catch {
    return void note.replaceChildren(t("feedback.failed"));
  }
  form.replaceWith(element("p", { class: "thanks", role: "status", tabindex: "-1" }, t("feedback.thanks")));
  document.querySelector(".thanks")?.focus();
}

function read(text) {
  if (OTHER_CURRENCY.test(text)) return { problem: t("feedback.currency") };
  const price = parseNumber(text.replace(DOLLARS, "").replace(/[.,][-–—]\s*$/, ""));
  return price > 0 ? { price } : { problem: t("feedback.invalid") };
}

const isImplausible = (price, { low, high }) =>
  price < low / IMPLAUSIBLE_RATIO || price > high * IMPLAUSIBLE_RATIO;
