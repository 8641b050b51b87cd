// The names that the model knows, found by what is typed, and the names that readers know them by.

import { fold, language, localNames } from "../shared/phrases.js";
import { get } from "../shared/service.js";

// `wine` is what the form holds so far: names follow its country. Without an answer there is no completion.
export async function suggestions(field, typed, wine) {
  const query = new URLSearchParams({ prefix: typed, language, ...(field !== "country" && wine.country && { country: wine.country }) });
  const { names, labels = {} } = await get(`categories/${field}?${query}`).catch(() => ({ names: [] }));
  return names.map((name) => ({ name, local: labels[name] }));
}

// A known name in the reader's language: "Burgundy" → "Bourgogne".
export const localName = (field, name) => localNames[field]?.[name] ?? name;

// Whether a name was only read from the reader's own language, which is no news to the reader.
export const isOwnLanguage = (field, given, used) => fold(localName(field, used)) === fold(given);
