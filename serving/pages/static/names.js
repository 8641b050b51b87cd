// The names that the model knows, and the names that readers know them by.

import { fold, localNames } from "./phrases.js";
import { get } from "./service.js";

const SHOWN = 12;
const WORD = /(?<![\p{L}\p{N}])[\p{L}\p{N}]/gu;

let listing = null;

// Asked for once, and again after a failure; without it the form works, only without completion.
function known() {
  listing ??= get("categories").catch(() => {
    listing = null;
    return {};
  });
  return listing;
}

export async function suggestions(field, typed) {
  const category = (await known())[field];
  if (!category) return [];
  const wanted = fold(typed);
  const near = wanted ? matches(field, category.names, wanted) : category.names.slice(0, SHOWN);
  const names = category.complete || !wanted || near.length >= SHOWN ? near : await searched(field, typed, near);
  return names.map((name) => ({ name, local: localNames[field]?.[name] }));
}

function matches(field, names, wanted) {
  const found = [];
  for (const name of names) {
    if (starts(name, wanted) || starts(localNames[field]?.[name] ?? "", wanted)) found.push(name);
    if (found.length === SHOWN) break;
  }
  return found;
}

const starts = (name, wanted) => {
  const folded = fold(name);
  return folded.startsWith(wanted) || [...folded.matchAll(WORD)].some(({ index }) => folded.startsWith(wanted, index));
};

async function searched(field, typed, near) {
  const found = await get(`categories/${field}?prefix=${encodeURIComponent(typed)}`).catch(() => ({ names: near }));
  return found.names;
}

// "Bourgogne" → "Burgundy": the model knows the names of its reviews only.
export function modelName(field, typed) {
  const wanted = fold(typed);
  const pair = Object.entries(localNames[field] ?? {}).find(([, local]) => fold(local) === wanted);
  return pair ? pair[0] : typed;
}
