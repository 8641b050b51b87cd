// Wines to try, by the key of their phrase; note and names are in the reader's language.

import { localName } from "./names.js";
import { t } from "../shared/phrases.js";

const WINES = {
  napa: { country: "US", province: "California", region: "Napa Valley", variety: "Cabernet Sauvignon", millesime: "2013" },
  mosel: { country: "Germany", province: "Mosel", variety: "Riesling", millesime: "2014" },
  champagne: { country: "France", province: "Champagne", region: "Champagne", variety: "Champagne Blend", millesime: "2008" },
};

const local = (wine) => Object.fromEntries(Object.entries(wine).map(([field, name]) => [field, localName(field, name)]));

// The label of each and the wine that it fills in.
export const EXAMPLES = Object.entries(WINES).map(([name, wine]) => [t(`example.${name}`), { ...local(wine), description: t(`example.${name}.note`) }]);
