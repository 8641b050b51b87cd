"""What synthetic reviewers say: phrases by how good the wine is, flavours, sentences."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final


@dataclass(frozen=True, slots=True)
class Words:
    """Phrases a reviewer picks from, by how good the wine is."""

    plain: tuple[str, ...]
    good: tuple[str, ...]
    great: tuple[str, ...]


BODY: Final = Words(
    plain=(
        "simple and light",
        "thin, with a slightly bitter edge",
        "soft and straightforward",
        "watery in the middle",
        "lean and a little green",
        "easygoing and fruity",
        "thin, with slightly sour red fruit",
    ),
    good=(
        "medium bodied and well balanced",
        "juicy and fresh",
        "ripe, with firm structure",
        "smooth and polished",
        "generous and rounded",
    ),
    great=(
        "profound and densely layered",
        "extraordinary in its depth",
        "powerful yet seamless",
        "concentrated, complex and utterly elegant",
        "monumental, with superb structure",
        "of great concentration, with layers of ripe black fruit and polished tannins",
    ),
)
FINISH: Final = Words(
    plain=(
        "The finish is short.",
        "Drink up.",
        "It ends quickly, with a rustic note.",
        "A simple party wine.",
        "An easy everyday wine.",
        "Finishes a touch hot and dilute.",
    ),
    good=(
        "The finish is clean and lingering.",
        "Drink now through next summer.",
        "It closes with fine balance.",
        "Enjoy it with roast chicken.",
        "Good length for the style.",
    ),
    great=(
        "The finish goes on for minutes.",
        "A wine to cellar for two decades or more.",
        "It is a benchmark for the appellation.",
        "Magnificent length and purity; be patient.",
        "Extraordinarily long, it will age for decades.",
        "This gorgeous, ageworthy bottle belongs in a serious collection.",
    ),
)
RED_FRUIT: Final = (
    "black cherry",
    "raspberry",
    "plum",
    "blackberry",
    "cassis",
    "red currant",
    "blueberry",
    "dried fig",
    "cranberry",
)
WHITE_FRUIT: Final = (
    "lemon",
    "green apple",
    "pear",
    "white peach",
    "grapefruit",
    "apricot",
    "pineapple",
    "lime zest",
    "melon",
)
SWEET_FRUIT: Final = (
    "apricot",
    "orange marmalade",
    "candied lemon",
    "honeyed peach",
    "botrytis",
    "raisin",
    "caramel",
)
SWEETNESS: Final = (
    "Rich and sweet, it is balanced by acidity.",
    "Sweet but never heavy, with honey on the finish.",
    "Its long sweetness is lifted by fresh acidity.",
)
ACCENTS: Final = (
    "cedar",
    "tobacco",
    "vanilla",
    "toasted oak",
    "white pepper",
    "wet stone",
    "baking spice",
    "dried herbs",
    "honey",
    "leather",
    "violet",
    "mocha",
    "orange blossom",
    "smoke",
    "almond",
    "graphite",
)
OPENINGS: Final = (
    "Aromas of {first} and {second} lead to a palate that is {body}.",
    "This {style} offers {first} and {second}; it is {body}.",
    "{first} and {second} open this {style}, which is {body}.",
    "Scents of {first} meet {second} in a wine that is {body}.",
)
MIDDLES: Final = (
    "Notes of {first} and {second} add interest.",
    "A hint of {first} runs beneath {second}.",
    "The palate shows {first} alongside {second}.",
    "There is {first}, then {second} toward the close.",
)
