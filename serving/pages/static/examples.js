// Wines to try, by the key of their phrase; the note is a phrase too, in the reader's language.

import { t } from "./phrases.js";

export const EXAMPLES = {
  "example.napa": { country: "US", province: "California", region: "Napa Valley", variety: "Cabernet Sauvignon", millesime: "2013", description: t("example.napa.note") },
  "example.mosel": { country: "Germany", province: "Mosel", variety: "Riesling", millesime: "2014", description: t("example.mosel.note") },
  "example.champagne": { country: "France", province: "Champagne", region: "Champagne", variety: "Champagne Blend", millesime: "NV", description: t("example.champagne.note") },
};
