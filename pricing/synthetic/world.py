"""The world that the synthetic reviews come from: places, grapes, invented estates.

Place and grape names are real, estates and reviewers are invented. Every effect is on natural log USD.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final


@dataclass(frozen=True, slots=True)
class Place:
    """A region with what it adds to the log price, and how often its wines are reviewed.

    `subregion` is the winemag `region_2`, which only US wines have. A place without `region` is a
    province whose wines carry no appellation.
    """

    country: str
    province: str
    region: str | None
    effect: float
    weight: float
    grapes: tuple[str, ...]
    subregion: str | None = None


_REDS_BORDEAUX: Final = ("Bordeaux-style Red Blend", "Merlot", "Cabernet Sauvignon")
_REDS_US: Final = ("Cabernet Sauvignon", "Merlot", "Zinfandel", "Red Blend", "Syrah", "Chardonnay")
_COOL_US: Final = ("Pinot Noir", "Chardonnay", "Pinot Gris", "Riesling")
_RHONE: Final = ("Rhône-style Red Blend", "Syrah", "Grenache")
_PORT: Final = ("Portuguese Red", "Touriga Nacional", "Portuguese White")

PLACES: Final = (
    Place("US", "California", "Napa Valley", 0.60, 11, _REDS_US, "Napa"),
    Place(
        "US", "California", "Howell Mountain", 0.75, 1, ("Cabernet Sauvignon", "Merlot", "Zinfandel"), "Napa"
    ),
    Place(
        "US",
        "California",
        "Russian River Valley",
        0.32,
        6,
        ("Pinot Noir", "Chardonnay", "Zinfandel"),
        "Sonoma",
    ),
    Place("US", "California", "Sonoma Coast", 0.36, 4, ("Pinot Noir", "Chardonnay", "Syrah"), "Sonoma"),
    Place("US", "California", "Paso Robles", 0.05, 5, (*_REDS_US, *_RHONE), "Central Coast"),
    Place("US", "California", "Santa Barbara County", 0.12, 3, (*_COOL_US, "Syrah"), "Central Coast"),
    Place(
        "US", "California", "Lodi", -0.35, 2, ("Zinfandel", "Petite Sirah", "Chardonnay"), "Central Valley"
    ),
    Place("US", "California", "California", -0.50, 4, _REDS_US, "California Other"),
    Place("US", "Washington", "Columbia Valley (WA)", -0.08, 5, (*_REDS_US, "Riesling"), "Columbia Valley"),
    Place(
        "US",
        "Washington",
        "Walla Walla Valley (WA)",
        0.18,
        2,
        ("Syrah", "Merlot", "Red Blend"),
        "Columbia Valley",
    ),
    Place("US", "Oregon", "Willamette Valley", 0.20, 5, _COOL_US, "Willamette Valley"),
    Place("US", "Oregon", "Dundee Hills", 0.42, 1, ("Pinot Noir", "Chardonnay"), "Willamette Valley"),
    Place(
        "US",
        "New York",
        "Finger Lakes",
        -0.20,
        2,
        ("Riesling", "Chardonnay", "Cabernet Franc"),
        "Finger Lakes",
    ),
    Place("US", "Virginia", "Virginia", -0.05, 1, ("Cabernet Franc", "Viognier", "Red Blend")),
    Place("Italy", "Piedmont", "Barolo", 0.72, 3, ("Nebbiolo",)),
    Place("Italy", "Piedmont", "Barbaresco", 0.55, 1.5, ("Nebbiolo",)),
    Place("Italy", "Piedmont", "Barbera d'Asti", -0.25, 1, ("Barbera",)),
    Place("Italy", "Tuscany", "Brunello di Montalcino", 0.85, 2.5, ("Sangiovese Grosso", "Sangiovese")),
    Place("Italy", "Tuscany", "Chianti Classico", 0.05, 2.5, ("Sangiovese", "Red Blend")),
    Place("Italy", "Tuscany", "Toscana", 0.25, 2, ("Red Blend", "Merlot", "Sangiovese")),
    Place("Italy", "Veneto", "Amarone della Valpolicella", 0.70, 1.2, ("Corvina, Rondinella, Molinara",)),
    Place("Italy", "Veneto", "Prosecco di Valdobbiadene", -0.40, 1.2, ("Glera", "Prosecco")),
    Place("Italy", "Sicily & Sardinia", "Sicilia", -0.35, 2, ("Nero d'Avola", "White Blend", "Grillo")),
    Place("Italy", "Sicily & Sardinia", "Etna", 0.18, 1, ("Nerello Mascalese", "Carricante")),
    Place("Italy", "Southern Italy", "Taurasi", 0.20, 1, ("Aglianico",)),
    Place("France", "Bordeaux", "Bordeaux", -0.50, 1.6, _REDS_BORDEAUX),
    Place("France", "Bordeaux", "Saint-Émilion", 0.30, 1.4, _REDS_BORDEAUX),
    Place("France", "Bordeaux", "Pauillac", 0.95, 0.6, _REDS_BORDEAUX),
    Place("France", "Bordeaux", "Sauternes", 0.62, 1.5, ("Bordeaux-style White Blend",)),
    Place("France", "Bordeaux", "Bordeaux Blanc", -0.45, 0.8, ("Sauvignon Blanc", "Sémillon")),
    Place("France", "Burgundy", "Bourgogne", -0.15, 0.9, ("Pinot Noir", "Chardonnay")),
    Place("France", "Burgundy", "Chablis", 0.05, 1.1, ("Chardonnay",)),
    Place("France", "Burgundy", "Gevrey-Chambertin", 0.98, 0.7, ("Pinot Noir",)),
    Place("France", "Burgundy", "Chambertin", 1.60, 1.0, ("Pinot Noir",)),
    Place("France", "Burgundy", "Puligny-Montrachet", 1.05, 0.6, ("Chardonnay",)),
    Place("France", "Champagne", "Champagne", 0.70, 1.5, ("Champagne Blend",)),
    Place("France", "Alsace", "Alsace", -0.02, 1.6, ("Riesling", "Gewürztraminer", "Pinot Gris")),
    Place("France", "Rhône Valley", "Châteauneuf-du-Pape", 0.55, 0.9, _RHONE),
    Place("France", "Rhône Valley", "Côtes du Rhône", -0.45, 0.8, _RHONE),
    Place("France", "Loire Valley", "Sancerre", 0.00, 0.9, ("Sauvignon Blanc", "Pinot Noir")),
    Place("France", "Provence", "Côtes de Provence", -0.30, 0.9, ("Rosé",)),
    Place("France", "Languedoc-Roussillon", "Languedoc", -0.45, 0.8, (*_RHONE, "Rosé")),
    Place("France", "Beaujolais", "Beaujolais-Villages", -0.45, 0.7, ("Gamay",)),
    Place("Spain", "Northern Spain", "Rioja", -0.12, 2, ("Tempranillo", "Tempranillo Blend")),
    Place("Spain", "Northern Spain", "Ribera del Duero", 0.25, 1.2, ("Tempranillo",)),
    Place("Spain", "Catalonia", "Priorat", 0.45, 0.8, ("Red Blend", "Garnacha")),
    Place("Spain", "Catalonia", "Cava", -0.50, 0.8, ("Sparkling Blend",)),
    Place("Spain", "Galicia", "Rías Baixas", -0.22, 0.8, ("Albariño",)),
    Place("Spain", "Andalucia", "Jerez", -0.05, 0.4, ("Sherry",)),
    Place("Portugal", "Douro", None, 0.05, 1.6, _PORT),
    Place("Portugal", "Port", None, 0.55, 0.7, ("Port",)),
    Place("Portugal", "Alentejano", None, -0.40, 1.4, _PORT),
    Place("Portugal", "Vinho Verde", None, -0.75, 0.8, ("Portuguese White", "Alvarinho")),
    Place("Chile", "Maipo Valley", None, -0.35, 1.6, ("Cabernet Sauvignon", "Carmenère")),
    Place("Chile", "Colchagua Valley", None, -0.40, 1.4, ("Carmenère", "Syrah", "Red Blend")),
    Place("Chile", "Casablanca Valley", None, -0.52, 1.3, ("Sauvignon Blanc", "Chardonnay")),
    Place(
        "Argentina", "Mendoza Province", "Mendoza", -0.42, 1.8, ("Malbec", "Cabernet Sauvignon", "Bonarda")
    ),
    Place("Argentina", "Mendoza Province", "Uco Valley", -0.10, 0.9, ("Malbec", "Chardonnay")),
    Place("Argentina", "Other", "Salta", -0.30, 0.5, ("Torrontés", "Malbec")),
    Place("Austria", "Wachau", None, 0.22, 0.7, ("Grüner Veltliner", "Riesling")),
    Place("Austria", "Burgenland", None, -0.02, 1.2, ("Blaufränkisch", "Zweigelt")),
    Place("Australia", "South Australia", "Barossa Valley", 0.18, 1.1, ("Shiraz", "Cabernet Sauvignon")),
    Place("Australia", "South Australia", "South Australia", -0.50, 0.8, ("Shiraz", "Chardonnay")),
    Place("Germany", "Mosel", None, 0.12, 1.1, ("Riesling",)),
    Place("Germany", "Rheingau", None, 0.15, 0.6, ("Riesling", "Pinot Noir")),
    Place("South Africa", "Stellenbosch", None, -0.20, 0.9, ("Pinotage", "Chenin Blanc", "Red Blend")),
    Place("South Africa", "Western Cape", None, -0.50, 0.6, ("Sauvignon Blanc", "Chenin Blanc")),
    Place("New Zealand", "Marlborough", None, -0.25, 0.9, ("Sauvignon Blanc", "Pinot Noir")),
    Place("New Zealand", "Central Otago", None, 0.15, 0.4, ("Pinot Noir",)),
    Place("Israel", "Galilee", None, 0.00, 0.4, ("Cabernet Sauvignon", "Red Blend")),
    Place("Greece", "Santorini", None, -0.10, 0.3, ("Assyrtiko",)),
)

GRAPE_EFFECTS: Final = {
    "Cabernet Sauvignon": 0.14,
    "Pinot Noir": 0.12,
    "Nebbiolo": 0.10,
    "Syrah": 0.06,
    "Bordeaux-style Red Blend": 0.06,
    "Bordeaux-style White Blend": 0.08,
    "Port": 0.10,
    "Champagne Blend": 0.08,
    "Merlot": -0.05,
    "Zinfandel": -0.04,
    "Chardonnay": 0.00,
    "Riesling": -0.12,
    "Sauvignon Blanc": -0.16,
    "Pinot Gris": -0.18,
    "Rosé": -0.22,
    "White Blend": -0.12,
    "Portuguese White": -0.18,
}

SPARKLING: Final = frozenset({"Champagne Blend", "Glera", "Prosecco", "Sparkling Blend"})
SWEET: Final = frozenset({"Port", "Sherry", "Bordeaux-style White Blend"})
WHITE: Final = frozenset(
    {
        "Chardonnay",
        "Riesling",
        "Sauvignon Blanc",
        "Pinot Gris",
        "Gewürztraminer",
        "White Blend",
        "Grillo",
        "Carricante",
        "Viognier",
        "Albariño",
        "Alvarinho",
        "Portuguese White",
        "Torrontés",
        "Chenin Blanc",
        "Sémillon",
        "Grüner Veltliner",
        "Assyrtiko",
        *SPARKLING,
        "Bordeaux-style White Blend",
        "Rosé",
    }
)

DESIGNATIONS: Final = (
    ("Reserve", 0.16, 10),
    ("Estate", 0.06, 8),
    ("Estate Bottled", 0.04, 4),
    ("Old Vines", 0.10, 5),
    ("Single Vineyard", 0.18, 5),
    ("Riserva", 0.20, 4),
    ("Gran Reserva", 0.22, 3),
    ("Crianza", -0.05, 3),
    ("Grand Cru", 0.48, 2),
    ("Premier Cru", 0.30, 2),
    ("Brut", 0.02, 4),
    ("Dry", -0.04, 3),
    ("Unoaked", -0.12, 3),
    ("Barrel Select", 0.05, 3),
)
"""Name, effect, weight."""

ESTATE_FORMS: Final = {
    "US": ("{} Cellars", "{} Vineyards", "{} Family Wines", "{}"),
    "France": ("Château {}", "Domaine {}", "Maison {}", "Clos {}"),
    "Italy": ("Tenuta {}", "Cantina {}", "Poderi {}", "Fattoria {}"),
    "Spain": ("Bodegas {}", "Viña {}", "Finca {}"),
    "Portugal": ("Quinta {}", "Herdade {}", "Casa {}"),
    "Chile": ("Viña {}", "Casa {}"),
    "Argentina": ("Bodega {}", "Finca {}"),
    "Germany": ("Weingut {}",),
    "Austria": ("Weingut {}", "{}"),
}

SYLLABLES: Final = (
    (
        "Val",
        "Mor",
        "Bel",
        "Ster",
        "Lan",
        "Cor",
        "Fen",
        "Tal",
        "Ros",
        "Mar",
        "Ald",
        "Vin",
        "Gar",
        "Sol",
        "Hal",
        "Per",
    ),
    ("a", "e", "i", "o", "an", "el", "or", "en", "ar", "u"),
    (
        "mont",
        "ville",
        "dine",
        "rosa",
        "field",
        "ghan",
        "zelle",
        "bria",
        "tor",
        "nac",
        "lini",
        "stein",
        "verde",
        "court",
    ),
)

TASTERS: Final = (
    ("Ada Winter", "@adawinter"),
    ("Bruno Callis", "@brunocallis"),
    ("Carmen Oyle", None),
    ("Dimitri Vale", "@dvalewine"),
    ("Esme Harrow", "@esmeharrow"),
    ("Felix Marrin", None),
)
