// Wines to try. The notes are our own, in the language the model has read.

export const EXAMPLES = {
  "Napa Cabernet": {
    country: "US", province: "California", region: "Napa Valley", variety: "Cabernet Sauvignon", millesime: "2013",
    description: "Dense and polished, with blackcurrant, cedar and dark chocolate over firm, fine-grained tannins. The finish is long and savory, and the structure asks for another ten years in the cellar.",
  },
  "Mosel Riesling": {
    country: "Germany", province: "Mosel", variety: "Riesling", millesime: "2014",
    description: "Lime zest, green apple and wet slate lead to a light, off-dry palate with racy acidity. Crisp and refreshing, with a delicate mineral finish.",
  },
  "Champagne": {
    country: "France", province: "Champagne", region: "Champagne", variety: "Champagne Blend", millesime: "NV",
    description: "Fine bubbles carry brioche, toasted almond and ripe citrus. A rich, mature wine with tight acidity and a chalky, lingering aftertaste.",
  },
};
