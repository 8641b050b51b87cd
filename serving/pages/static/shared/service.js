// The service's answers: what it said, or why it did not. Nothing here touches the page.

const KEY = "wine-api-key";
const PATIENCE_MS = 20_000;

export class Refusal extends Error {
  // kind: "fields" | "key" | "busy" | "absent" | "network" | "timeout" | "large" | "other"
  constructor(kind, { status = 0, problem = {}, wait = 0, request = "" } = {}) {
    super(kind);
    Object.assign(this, { kind, status, problem, wait, request });
  }
}

export const key = {
  get: () => stored((store) => store.getItem(KEY)) ?? "",
  set: (value) => stored((store) => (value ? store.setItem(KEY, value) : store.removeItem(KEY))),
};

// A browser may refuse storage, in a frame for one; the key then lasts as long as the page.
let remembered = null;
function stored(use) {
  try {
    return use(window.sessionStorage);
  } catch {
    remembered ??= new Map();
    return use({
      getItem: (name) => remembered.get(name) ?? null,
      setItem: (name, value) => remembered.set(name, value),
      removeItem: (name) => remembered.delete(name),
    });
  }
}

export const price = (wine) => ask("predict?explain=true", { method: "POST", body: JSON.stringify(wine) });
export const feedback = (report) => ask("feedback", { method: "POST", body: JSON.stringify(report) });
export const get = (path, signal) => ask(path, { method: "GET" }, signal);

async function ask(path, options, signal) {
  const response = await reach(path, options, signal);
  const body = await response.json().catch(() => ({}));
  if (response.ok) return body;
  throw refusal(response, body);
}

async function reach(path, options, signal) {
  const headers = { Accept: "application/json", ...(options.body && { "Content-Type": "application/json" }) };
  if (key.get()) headers["X-API-Key"] = key.get();
  const timeout = AbortSignal.timeout(PATIENCE_MS);
  try {
    return await fetch(path, { ...options, headers, signal: signal ? AbortSignal.any([signal, timeout]) : timeout });
  } catch (error) {
    if (signal?.aborted) throw error;
    throw new Refusal(timeout.aborted ? "timeout" : "network");
  }
}

const KINDS = { 400: "fields", 401: "key", 413: "large", 429: "busy", 503: "absent" };

function refusal(response, problem) {
  return new Refusal(KINDS[response.status] ?? "other", {
    status: response.status,
    problem,
    wait: Number(response.headers.get("Retry-After")) || 60,
    request: response.headers.get("X-Request-ID") ?? "",
  });
}
