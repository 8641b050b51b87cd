// What the page says in the reader's language, and how it writes numbers.

const data = JSON.parse(document.getElementById("phrases").textContent);

export const language = data.language;
export const localNames = data.names;

export function say(key, values = {}) {
  const phrase = data.phrases[key];
  if (phrase === undefined) return key;
  return phrase.replace(/\{(\w+)\}/g, (slot, name) => values[name] ?? slot);
}

export const knows = (key) => key in data.phrases;

// Cents say more than the model knows, except where they are a part of the price that matters.
export function dollars(amount) {
  const digits = amount >= 10 ? 0 : 2;
  return new Intl.NumberFormat(language, {
    style: "currency", currency: "USD", currencyDisplay: "narrowSymbol",
    minimumFractionDigits: digits, maximumFractionDigits: digits,
  }).format(amount);
}

export const wholeDollars = (amount) => new Intl.NumberFormat(language, {
  style: "currency", currency: "USD", currencyDisplay: "narrowSymbol", maximumFractionDigits: 0,
}).format(amount);

export const percent = (share) => new Intl.NumberFormat(language, {
  style: "percent", maximumFractionDigits: 0,
}).format(share);

export const count = (number) => new Intl.NumberFormat(language).format(number);

export const times = (factor) => "×" + new Intl.NumberFormat(language, {
  minimumFractionDigits: 2, maximumFractionDigits: 2,
}).format(factor);

export function duration(seconds) {
  const [amount, unit] = seconds < 90 ? [seconds, "second"] : [Math.ceil(seconds / 60), "minute"];
  return new Intl.NumberFormat(language, { style: "unit", unit, unitDisplay: "long" }).format(amount);
}

// "English" in the reader's language: "anglais".
export const languageName = (code) =>
  new Intl.DisplayNames([language], { type: "language" }).of(code) ?? code;

// Case, accents and surrounding space make no difference to the model; nor do they here.
export const fold = (text) =>
  text.normalize("NFKD").replace(/\p{M}/gu, "").toLowerCase().replace(/[’‘]/g, "'").trim().replace(/\s+/g, " ");
