// The page's own work: from the form to the service and back.

import { Combobox } from "./combobox.js";
import { byId, element } from "../shared/elements.js";
import { clearEstimate, markStale, showEstimate } from "./estimate.js";
import { EXAMPLES } from "./examples.js";
import { suggestions } from "./names.js";
import { count, duration, language, percent, t } from "../shared/phrases.js";
import { Refusal, get, key, price } from "../shared/service.js";
import { FIELDS, clearError, clearErrors, errorSummary, fill, request, showErrors, typed, validate } from "./wine-form.js";

const form = byId("wine");
const button = byId("price");
const COMPLETED = ["country", "province", "variety", "winery", "region"];
let model = {};
let busy = false;
let priced = null;
let shown = null;

const announce = (text) => { byId("announcement").textContent = text; };
const showProblem = (...content) => byId("problem").replaceChildren(...content);
const sameAsPriced = () => priced !== null && JSON.stringify(typed()) === priced;

// `record`: whether the wine becomes a step that the browser's back button returns to.
async function estimate({ moveFocus = true, record = true } = {}) {
  if (busy) return;
  const messages = validate();
  if (Object.keys(messages).length) return void refuseFields(messages, moveFocus);
  clearErrors();
  showProblem();
  if (record) remember();
  setBusy(true);
  const asked = JSON.stringify(typed());
  try {
    const wine = request();
    const answer = await price(wine);
    priced = asked;
    shown = [answer, { ...wine, ...JSON.parse(asked) }];
    showEstimate(...shown, model, correct);
    markStale(!sameAsPriced());
    byId("key-field").hidden = !key.get();
    if (moveFocus) lead(byId("answer-heading"));
  } catch (refusal) {
    if (!(refusal instanceof Refusal)) throw refusal;
    refuse(refusal, moveFocus);
  } finally {
    setBusy(false);
  }
}

function clearAnswer() {
  priced = shown = null;
  clearEstimate();
}

function setBusy(working) {
  busy = working;
  button.setAttribute("aria-disabled", String(working));
  byId("answer").setAttribute("aria-busy", String(working));
  button.textContent = working ? t("busy") : button.dataset.label;
}

function refuseFields(messages, moveFocus, options) {
  const names = showErrors(messages, options);
  showProblem(...errorSummary(names));
  markStale(priced !== null);
  if (moveFocus && names.length) byId(names[0]).focus();
}

function refuse(refusal, moveFocus) {
  clearAnswer();
  const { kind, status, problem, wait, request: id } = refusal;
  const messages = Object.fromEntries((problem?.errors ?? []).map(({ field, message }) => [field, message]));
  if (kind === "fields" && FIELDS.some((name) => messages[name])) return void refuseFields(messages, moveFocus, { foreign: true });
  const phrases = {
    fields: () => t("error.400"), large: () => t("error.413"), absent: () => t("error.503"),
    busy: () => t("error.429", { wait: duration(wait) }), key: askForKey,
    network: () => t("error.network"), timeout: () => t("error.timeout"),
  };
  const phrase = phrases[kind] ?? (() => t("error.other", { status: status || "–", request: id || "–" }));
  showProblem(phrase());
  if (moveFocus) (kind === "key" ? byId("api-key") : byId("problem")).focus();
}

function askForKey() {
  byId("key-field").hidden = false;
  return t(key.get() ? "error.401.again" : "error.401");
}

function lead(heading) {
  heading.focus({ preventScroll: true });
  const { top, bottom } = byId("answer").getBoundingClientRect();
  if (top < 0 || bottom > window.innerHeight) byId("answer").scrollIntoView({ block: "start" });
}

// The address holds the question: it can be sent to somebody else, and back leads to the wine before.
function remember() {
  const query = `?${new URLSearchParams({ lang: language, ...typed() })}`;
  if (query !== location.search) history.pushState(null, "", query);
  keepLanguageLinks();
}

function keepLanguageLinks() {
  const query = new URLSearchParams(location.search);
  for (const link of document.querySelectorAll("[data-language]")) {
    query.set("lang", link.dataset.language);
    link.href = `?${query}`;
  }
}

function correct(field, name) {
  byId(field).value = name;
  estimate();
}

function describeModel({ model_version: version, synthetic_data: synthetic, card = {} }) {
  model = { card };
  if (shown) showEstimate(...shown, model, correct);
  byId("synthetic").hidden = !synthetic;
  const rows = card.data?.train_rows;
  const error = card.metrics?.test_median_ape;
  byId("model-facts").textContent = rows && error
    ? t("model.facts", { version, rows: count(rows), error: percent(error) })
    : t("model.facts.short", { version });
}

function offerExamples() {
  byId("examples").append(...EXAMPLES.map(([label, wine]) =>
    element("button", { type: "button", class: "chip", onclick: () => { fill(wine); estimate(); } }, label)));
}

function clear() {
  fill({});
  showProblem();
  clearAnswer();
  history.pushState(null, "", `?lang=${language}`);
  keepLanguageLinks();
  byId("country").focus();
}

// The form and the answer, as the address says.
function restore() {
  const asked = Object.fromEntries(new URLSearchParams(location.search));
  fill(asked);
  showProblem();
  keepLanguageLinks();
  if (FIELDS.some((name) => asked[name])) estimate({ moveFocus: false, record: false });
  else clearAnswer();
}

function edited({ target }) {
  if (!FIELDS.includes(target.id)) return;
  clearError(target.id);
  if (priced !== null) markStale(!sameAsPriced());
}

function start() {
  button.dataset.label = button.textContent;
  for (const name of COMPLETED) new Combobox(byId(name), (text) => suggestions(name, text, typed()), announce);
  form.addEventListener("submit", (event) => { event.preventDefault(); estimate(); });
  form.addEventListener("input", edited);
  form.addEventListener("change", edited);
  byId("api-key").addEventListener("input", ({ target }) => key.set(target.value.trim()));
  byId("clear").addEventListener("click", clear);
  document.querySelector("a.back").addEventListener("click", (event) => { event.preventDefault(); byId("wine-heading").scrollIntoView(); byId("wine-heading").focus({ preventScroll: true }); });
  window.addEventListener("popstate", restore);
  offerExamples();
  get("model").then(describeModel, () => {});
  restore();
}

start();
