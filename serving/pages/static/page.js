// The page's own work: from the form to the service and back.

import { Combobox } from "./combobox.js";
import { byId, element } from "./elements.js";
import { forgetEstimate, showEstimate } from "./estimate.js";
import { EXAMPLES } from "./examples.js";
import { suggestions } from "./names.js";
import { count, duration, languageName, language, percent, say } from "./phrases.js";
import { Refusal, get, key, price } from "./service.js";
import { FIELDS, clearError, clearErrors, faults, fill, request, showErrors, typed } from "./wine-form.js";

const form = byId("wine");
const button = byId("price");
const COMPLETED = ["country", "province", "variety", "winery", "region"];
let model = {};
let asking = false;

const announce = (text) => { byId("announcement").textContent = text; };

async function estimate({ moveFocus = true } = {}) {
  if (asking) return;
  const wrong = faults();
  if (Object.keys(wrong).length) return void refuseFields(wrong, moveFocus);
  clearErrors();
  complain("");
  remember();
  setBusy(true);
  try {
    const wine = request();
    showEstimate(await price(wine), wine, model, correct);
    byId("key-field").hidden = !key.get();
    if (moveFocus) lead(byId("answer-heading"));
  } catch (refusal) {
    if (!(refusal instanceof Refusal)) throw refusal;
    refuse(refusal, moveFocus);
  } finally {
    setBusy(false);
  }
}

function setBusy(busy) {
  asking = busy;
  button.setAttribute("aria-disabled", String(busy));
  byId("answer").setAttribute("aria-busy", String(busy));
  button.textContent = busy ? say("busy") : button.dataset.label;
}

function refuseFields(messages, moveFocus, options) {
  const first = showErrors(messages, options);
  const wrong = FIELDS.filter((name) => messages[name]).length;
  complain(wrong === 1 ? say("error.field") : say("error.fields", { count: wrong }));
  if (moveFocus && first) first.focus();
}

function refuse(refusal, moveFocus) {
  forgetEstimate();
  const { kind, status, problem, wait, request: id } = refusal;
  const messages = Object.fromEntries((problem?.errors ?? []).map(({ field, message }) => [field, message]));
  if (kind === "fields" && FIELDS.some((name) => messages[name])) return void refuseFields(messages, moveFocus, { foreign: true });
  const phrases = {
    fields: () => say("error.400"), large: () => say("error.413"), absent: () => say("error.503"),
    busy: () => say("error.429", { wait: duration(wait) }), key: askForKey,
    network: () => say("error.network"), timeout: () => say("error.timeout"),
  };
  const phrase = phrases[kind] ?? (() => say("error.other", { status: status || "–", request: id || "–" }));
  complain(phrase());
  if (moveFocus) (kind === "key" ? byId("api-key") : byId("problem")).focus();
}

function askForKey() {
  byId("key-field").hidden = false;
  return say(key.get() ? "error.401.again" : "error.401");
}

const complain = (text) => { byId("problem").textContent = text; };

function lead(heading) {
  heading.focus({ preventScroll: true });
  const { top, bottom } = byId("answer").getBoundingClientRect();
  if (top < 0 || bottom > window.innerHeight) byId("answer").scrollIntoView({ block: "start" });
}

// The address holds the question, so it can be sent to somebody else.
function remember() {
  const query = new URLSearchParams({ lang: language, ...typed() });
  history.replaceState(null, "", `?${query}`);
  keepLanguageLinks(query);
}

function keepLanguageLinks(query) {
  for (const link of document.querySelectorAll("[data-language]")) {
    query.set("lang", link.dataset.language);
    link.href = `?${query}`;
  }
}

function correct(field, name) {
  byId(field).value = name;
  estimate();
}

function describeModel({ model_version: version, synthetic_data: synthetic, training_language: read, card = {} }) {
  model = { language: read ?? "en" };
  byId("synthetic").hidden = !synthetic;
  showNoteLanguage();
  const rows = card.data?.train_rows;
  const error = card.metrics?.test_median_ape;
  byId("model-facts").textContent = rows && error
    ? say("model.facts", { version, rows: count(rows), error: percent(error) })
    : say("model.facts.short", { version });
}

function showNoteLanguage() {
  const place = byId("description-language");
  const read = model.language ?? "en";
  place.hidden = read === language;
  place.textContent = say("field.description.language", { language: languageName(read) });
}

function offerExamples() {
  byId("examples").append(...Object.entries(EXAMPLES).map(([name, wine]) =>
    element("button", { type: "button", class: "chip", onclick: () => { fill(wine); estimate(); } }, name)));
}

function clear() {
  fill({});
  complain("");
  forgetEstimate();
  history.replaceState(null, "", `?lang=${language}`);
  keepLanguageLinks(new URLSearchParams());
  byId("country").focus();
}

function start() {
  button.dataset.label = button.textContent;
  for (const name of COMPLETED) new Combobox(byId(name), (text) => suggestions(name, text), announce);
  form.addEventListener("submit", (event) => { event.preventDefault(); estimate(); });
  form.addEventListener("input", ({ target }) => FIELDS.includes(target.id) && clearError(target.id));
  form.addEventListener("change", ({ target }) => FIELDS.includes(target.id) && clearError(target.id));
  byId("api-key").addEventListener("input", ({ target }) => key.set(target.value.trim()));
  byId("clear").addEventListener("click", clear);
  showNoteLanguage();
  offerExamples();
  const asked = Object.fromEntries(new URLSearchParams(location.search));
  fill(asked);
  if (FIELDS.some((name) => asked[name])) {
    keepLanguageLinks(new URLSearchParams(location.search));
    estimate({ moveFocus: false });
  }
  get("model").then(describeModel, () => {});
}

start();
