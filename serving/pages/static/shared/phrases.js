// What the page says in the reader's language, and how it writes and reads numbers.

const data = JSON.parse(document.getElementById("phrases").textContent);

export const language = data.language;
export const localNames = data.names ?? {};
// Words for "no vintage", their letters alone and without accents.
export const noVintage = new Set(data.noVintage);

export function t(key, values = {}) {
  const phrase = data.phrases[key];
  if (phrase === undefined) return key;
  return elided(phrase.replace(/\{(\w+)\}/g, (slot, name) => values[name] ?? slot));
}

// Italian articles before figures that begin with a vowel as they are read: "nell’80%", "dell’11%".
const elided = (text) => (language === "it" ? text.replace(/\b(ne|de|da|a|su)l (?=8|1[1]?%)/g, "$1ll’") : text);

export const hasPhrase = (key) => key in data.phrases;

// One number of decimals for all prices that stand together: cents where the smallest needs them.
export function dollarFormat(...amounts) {
  const digits = Math.min(...amounts) >= 10 ? 0 : 2;
  const format = new Intl.NumberFormat(language, {
    style: "currency", currency: "USD", currencyDisplay: "narrowSymbol",
    minimumFractionDigits: digits, maximumFractionDigits: digits,
  });
  return (amount) => format.format(amount);
}

export const dollars = (amount) => dollarFormat(amount)(amount);

export const wholeDollars = (amount) => new Intl.NumberFormat(language, {
  style: "currency", currency: "USD", currencyDisplay: "narrowSymbol", maximumFractionDigits: 0,
}).format(amount);

// `step`: the smallest difference that has to be seen.
export const percent = (share, step = 0.01) => new Intl.NumberFormat(language, {
  style: "percent", maximumFractionDigits: Math.max(0, Math.ceil(-Math.log10(step)) - 2 + (step < 0.01 ? 1 : 0)),
}).format(share);

export const count = (number) => new Intl.NumberFormat(language).format(number);

const LARGE = 2;

// "+12%" up to a factor of two either way, "×2.4" or "÷2.4" beyond: nobody reads +140 % at a glance.
export function change(factor) {
  if (factor >= LARGE) return `×${decimal(factor)}`;
  if (factor <= 1 / LARGE) return `÷${decimal(1 / factor)}`;
  return new Intl.NumberFormat(language, { style: "percent", maximumFractionDigits: 0, signDisplay: "exceptZero" }).format(factor - 1).replace("-", "−");
}

const decimal = (number) => new Intl.NumberFormat(language, { maximumFractionDigits: 1, minimumFractionDigits: 1 }).format(number);

export function duration(seconds) {
  const [amount, unit] = seconds < 90 ? [seconds, "second"] : [Math.ceil(seconds / 60), "minute"];
  return new Intl.NumberFormat(language, { style: "unit", unit, unitDisplay: "long" }).format(amount);
}

// "English" in the reader's language: "anglais".
export const languageName = (code) =>
  new Intl.DisplayNames([language], { type: "language" }).of(code) ?? code;

const DECIMAL = new Intl.NumberFormat(language).formatToParts(1.5).find(({ type }) => type === "decimal").value;
const GROUPED = /^\d{1,3}([.,]\d{3})+$/;

// The number somebody typed, "1,200", "1.200,50" or "24,50" as the reader's language writes them; NaN for none.
export function parseNumber(text) {
  const digits = text.replace(/[\s\u00a0\u202f'’]/g, "");
  const last = Math.max(digits.lastIndexOf("."), digits.lastIndexOf(","));
  if (!/^\d[\d.,]*$/.test(digits) && !/^[.,]\d+$/.test(digits)) return NaN;
  if (last < 0) return Number(digits);
  const both = digits.includes(".") && digits.includes(",");
  const separator = digits[last];
  const grouping = !both && GROUPED.test(digits) && (separator !== DECIMAL || digits.indexOf(separator) !== last);
  if (grouping) return Number(digits.replace(/[.,]/g, ""));
  const [whole, fraction] = [digits.slice(0, last), digits.slice(last + 1)];
  if (whole.includes(separator) || (both && !GROUPED.test(whole))) return NaN;
  return Number(`${whole.replace(/[.,]/g, "")}.${fraction}`);
}

// Case, accents and surrounding space make no difference to the model; nor do they here.
export const fold = (text) =>
  text.normalize("NFKD").replace(/\p{M}/gu, "").toLowerCase().replace(/[’‘]/g, "'").trim().replace(/\s+/g, " ");
