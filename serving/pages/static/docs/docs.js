// The API reference, drawn from the service's own OpenAPI document. Every example can be sent.

import { byId, element } from "../shared/elements.js";
import { key } from "../shared/service.js";

const METHODS = ["get", "post", "put", "patch", "delete"];
let document_ = {};

const resolve = (schema) => (schema?.$ref ? schema.$ref.slice(2).split("/").reduce((node, name) => node?.[name], document_) : schema) ?? {};

function draw() {
  byId("description").textContent = `${document_.info.description ?? ""} Each example below can be changed and sent to this very service.`;
  byId("version").textContent = `Version ${document_.info.version}`;
  const cards = Object.entries(document_.paths).flatMap(([path, operations]) =>
    METHODS.filter((method) => operations[method]).map((method) => operationCard(path, method, operations[method])));
  byId("operations").replaceChildren(...cards);
  const asked = location.hash && byId(decodeURIComponent(location.hash.slice(1)));
  const first = asked?.tagName === "DETAILS" ? asked : byId("predict") ?? cards[0];
  if (first) first.open = true;
}

function operationCard(path, method, operation) {
  const body = element("div", { class: "body" });
  const card = element("details", { class: "card", id: operation.operationId ?? `${method}${path}` },
    element("summary", {},
      element("h2", {}, element("span", { class: `method ${method}` }, method.toUpperCase()), element("code", { class: "path" }, path)),
      element("span", { class: "hint" }, operation.summary ?? "")), body);
  card.addEventListener("toggle", () => body.append(...operationBody(path, method, operation)), { once: true });
  return card;
}

function operationBody(path, method, operation) {
  const content = operation.requestBody?.content?.["application/json"];
  return [
    operation.description ? element("p", {}, ...prose(operation.description)) : null,
    parameters(operation.parameters ?? []),
    content ? fields(content.schema) : null,
    trial(path, method, operation.parameters ?? [], exampleOf(content)),
    answers(operation.responses),
  ].filter(Boolean);
}

const exampleOf = (content) => content?.example ?? Object.values(content?.examples ?? {})[0]?.value ?? resolve(content?.schema).examples?.[0];

function parameters(given) {
  if (given.length === 0) return null;
  return section("Parameters", table(["Name", "Type", "What it is for"], given.map((one) => [
    mark(one.name, one.required), kind(one.schema), one.description ?? "",
  ])));
}

function fields(schema) {
  const rows = fieldRows(schema);
  return rows.length ? section("Body", table(["Field", "Type", "What it is for"], rows)) : null;
}

const DEEPEST = 3;

// The fields of a schema and of what it holds, as `interval.low` and `wines[].country`.
function fieldRows(schema, prefix = "", depth = 0) {
  const { properties = {}, required = [], items, anyOf, oneOf } = resolve(schema);
  if (items && depth < DEEPEST) return fieldRows(items, `${prefix}[].`.replace("..", "."), depth);
  const choices = (anyOf ?? oneOf ?? []).map(resolve).filter((choice) => choice.properties || choice.items);
  if (choices.length) return choices.flatMap((choice) => fieldRows(choice, prefix, depth)).filter(unseen());
  return Object.entries(properties).flatMap(([name, property]) => [
    [mark(prefix + name, required.includes(name)), kind(property), resolve(property).description ?? property.description ?? ""],
    ...(depth < DEEPEST ? fieldRows(property, `${prefix}${name}.`, depth + 1) : []),
  ]);
}

function unseen() {
  const names = new Set();
  return ([name]) => !names.has(name.textContent) && names.add(name.textContent);
}

function answers(responses = {}) {
  const statuses = table(["Status", "Meaning"], Object.entries(responses).map(([status, response]) => [
    element("code", {}, status), resolve(response).description ?? "",
  ]));
  const success = Object.entries(responses).find(([status]) => status.startsWith("2"));
  const schema = Object.values(resolve(success?.[1]).content ?? {})[0]?.schema;
  const rows = schema ? fieldRows(schema) : [];
  return section("Answers", statuses, rows.length ? element("h4", {}, `What ${success[0]} returns`) : null, rows.length ? table(["Field", "Type", "Meaning"], rows) : null);
}

const prose = (text) => text.split("`").map((part, position) => (position % 2 ? element("code", {}, part) : part));

const mark = (name, required) => element("span", {}, element("code", {}, name), required ? " required" : "");

function kind(schema) {
  const { type, anyOf, oneOf, items, enum: choices, ...limits } = resolve(schema);
  if (choices) return choices.map((choice) => JSON.stringify(choice)).join(" or ");
  if (anyOf ?? oneOf) return [...new Set((anyOf ?? oneOf).map(kind))].join(" or ");
  const names = [].concat(type ?? "any").join(" or ");
  const bounds = [limits.minimum, limits.maximum];
  const range = bounds.every((bound) => bound !== undefined) ? `, ${bounds.join(" to ")}` : "";
  const length = limits.maxLength ? `, at most ${limits.maxLength.toLocaleString("en")} characters` : "";
  return type === "array" ? `list of ${items && Object.keys(items).length ? kind(items) : "any"}` : names + range + length;
}

const section = (title, ...content) => element("section", {}, element("h3", {}, title), ...content);

// A column that says nothing is left out. Text between backticks is code.
function table(allHeads, allRows) {
  const said = allHeads.map((_, column) => allRows.some((cells) => cells[column] !== ""));
  const head = allHeads.filter((_, column) => said[column]);
  const rows = allRows.map((cells) => cells.filter((_, column) => said[column]));
  return element("div", { class: "scroll" }, element("table", {},
    element("thead", {}, element("tr", {}, ...head.map((text) => element("th", { scope: "col" }, text)))),
    element("tbody", {}, ...rows.map((cells) => element("tr", {}, ...cells.map((cell) => element("td", {}, ...(typeof cell === "string" ? prose(cell) : [cell]))))))));
}

function trial(path, method, given, example) {
  const id = `${method}${path}`.replace(/\W+/g, "-");
  const address = element("input", { id: `${id}-address`, type: "text", spellcheck: "false", value: addressOf(path, given) });
  const body = example === undefined ? null : element("textarea", { id: `${id}-body`, rows: "11", spellcheck: "false" });
  if (body) body.value = JSON.stringify(example, null, 2);
  const command = element("pre", { tabindex: "0", role: "region", "aria-label": "The same with curl" });
  const result = element("div", { class: "result", role: "status" });
  const show = () => { command.textContent = curl(method, address.value, body?.value); };
  address.addEventListener("input", show);
  body?.addEventListener("input", show);
  show();
  const form = element("form", { class: "try" },
    element("label", { for: address.id }, "Address"), address,
    body ? element("label", { for: body.id }, "Body") : null, body,
    element("div", { class: "row" }, element("button", { type: "submit" }, "Send"), element("span", { class: "hint" }, method === "get" ? "" : "This sends a real request, which is logged.")),
    result, element("p", { class: "hint" }, "The same with curl:"), command);
  form.addEventListener("submit", async (event) => {
    event.preventDefault();
    result.replaceChildren(element("p", {}, "Sent…"));
    result.replaceChildren(...await send(method, address.value, body?.value));
  });
  return section("Try it", form);
}

function addressOf(path, given) {
  const filled = path.replace(/\{(\w+)\}/g, (slot, name) => sample(given.find((one) => one.name === name)) ?? slot);
  return filled.replace(/^\//, "");
}

const sample = (parameter) => parameter?.example ?? resolve(parameter?.schema).enum?.[0];

function curl(method, address, body) {
  const url = new URL(address, location.href).href;
  const header = key.get() ? ' \\\n  -H "X-API-Key: $WINE_API_KEY"' : "";
  const data = body === undefined ? "" : ` \\\n  -H 'Content-Type: application/json' \\\n  -d '${body.replaceAll("'", "'\\''")}'`;
  return `curl -sS${method === "get" ? "" : ` -X ${method.toUpperCase()}`} '${url}'${header}${data}`;
}

async function send(method, address, body) {
  const headers = { ...(body !== undefined && { "Content-Type": "application/json" }), ...(key.get() && { "X-API-Key": key.get() }) };
  const began = performance.now();
  try {
    const response = await fetch(address, { method: method.toUpperCase(), headers, body });
    const text = await response.text();
    const spent = Math.round((performance.now() - began) * 10) / 10;
    return [element("p", {}, element("strong", {}, `${response.status} ${response.statusText}`), ` in ${spent} ms`),
      element("pre", { tabindex: "0", role: "region", "aria-label": "Answer" }, pretty(text))];
  } catch {
    return [element("p", {}, "The service cannot be reached. Check that it runs, and send it again.")];
  }
}

function pretty(text) {
  try {
    return JSON.stringify(JSON.parse(text), null, 2);
  } catch {
    return text;
  }
}

async function start() {
  byId("api-key").value = key.get();
  byId("api-key").addEventListener("input", ({ target }) => key.set(target.value.trim()));
  byId("key-form").addEventListener("submit", (event) => event.preventDefault());
  try {
    document_ = await (await fetch("openapi.json")).json();
    draw();
  } catch {
    byId("problem").textContent = "The description of the API cannot be read. Reload the page; if that does not help, look at openapi.json.";
  }
}

start();
