from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from pricing.wine.languages import lexicon as lexicons
from pricing.wine.languages.english import plural
from pricing.wine.languages.lexicon import TRANSLATED, english_words, lexicon
from pricing.wine.languages.note import given_words, load_lexicons, read_content, read_note

FRENCH = "Robe rubis, nez de cerise noire et de cuir. Bouche ample aux tanins soyeux, longue finale épicée."
ITALIAN = (
    "Colore rosso rubino, al naso ciliegia nera e liquirizia. Al palato è fresco, con tannini morbidi e un "
    "finale lungo e persistente."
)
SPANISH = (
    "Nariz de frutos rojos y vainilla, con un toque de regaliz. En boca es redondo, de taninos maduros y "
    "final largo."
)
GERMAN = (
    "In der Nase Brombeeren und Zedernholz, am Gaumen saftige Kirschfrucht, feine Tannine, langer Abgang."
)
NOTES = {
    "fr": (FRENCH, ["ruby", "nose of black cherry and leather", "silky tannins", "long spicy finish"]),
    "it": (
        ITALIAN,
        ["ruby red color", "black cherry and licorice", "soft tannins", "long and persistent finish"],
    ),
    "es": (SPANISH, ["red fruit", "vanilla", "touch of licorice", "round", "ripe tannins", "long finish"]),
    "de": (
        GERMAN,
        ["on the nose blackberries", "juicy cherry fruit", "fine tannins", "long finish"],
    ),
}


@pytest.mark.parametrize("language", NOTES)
def test_a_note_becomes_the_english_that_reviews_use(language: str) -> None:
    text, phrases = NOTES[language]
    note = read_note(text)
    assert note.language == language
    assert note.n_known == note.n_words
    for phrase in phrases:
        assert f" {phrase} " in f" {' '.join(note.words)} "


@pytest.mark.parametrize("language", NOTES)
def test_accents_and_case_change_no_language_and_few_words(language: str) -> None:
    text = NOTES[language][0]
    plain = str.translate(text, str.maketrans("éèêàùûôîçñóíáäöü", "eeeauuoicnoiaaou")).upper()
    written, folded = read_note(text), read_note(plain)
    assert folded.language == language
    shared = set(written.words) & set(folded.words)
    assert len(shared) >= 0.8 * len(set(written.words))


@pytest.mark.parametrize(
    "text",
    [
        "Ένα υπέροχο κρασί με νότες κερασιού και μαλακές τανίνες",
        "Tämä viini on hieno, kirsikkaa ja vadelmaa, pitkä jälkimaku ja pehmeät tanniinit",
        "さくらんぼとバニラの香り、柔らかいタンニン",
        "Красное вино, нежные танины",
        "Um vinho tinto com notas de cereja e taninos macios, muito bom",
        "Een mooie rode wijn met tonen van kersen en zachte tannines",
        "Ett rött vin med inslag av körsbär och mjuka tanniner",
    ],
)
def test_a_note_in_another_language_says_nothing(text: str) -> None:
    note = read_note(text)
    assert note.language == "und"
    assert note.words == []


@pytest.mark.parametrize("text", ["", "  ", "!?", "🍷🍷", "<br>"])
def test_no_note_is_told_apart_from_an_unknown_language(text: str) -> None:
    assert read_note(text) == ("", [], 0, 0)


@pytest.mark.parametrize(
    "text",
    [
        "Ripe cherry.",
        "Château de Pommard's Saint-Julien Le Petit is a delicious wine.",
        "Pinot Noir",
        "dark plum, cassis, mocha",
        "A Nero d'Avola with rosso fruit and Nebbiolo structure",
        "94 points",
    ],
)
def test_english_stays_as_it_is(text: str) -> None:
    assert read_note(text).language == "en"


@pytest.mark.parametrize(
    ("text", "english"),
    [
        ("fruits rouges", "red fruit"),
        ("Vieilles vignes, longue finale", "old vines long finish"),
        ("confiture de fraises", "strawberry jam"),
        ("saveurs de cerises, de prune et d'épices douces", "cherry plum and sweet spice flavors"),
        ("arômes de cuir, de prune et d'épices", "aromas of leather plum and spice"),
        ("aux saveurs de cerise mûre", "with ripe cherry flavors"),
        ("des tanins fins, soyeux et très longs", "fine silky and very long tannins"),
        ("un vin riche en tanins", "a wine rich in tannins"),
        ("la bouche présente une belle fraîcheur", "the palate offers a beautiful freshness"),
        ("pêche mûre et mûre sauvage", "ripe peach and wild blackberry"),
    ],
)
def test_french_phrases_take_the_english_order(text: str, english: str) -> None:
    assert read_note(text).words == english.split()


@pytest.mark.parametrize(
    ("text", "english"),
    [
        ("Am Gaumen weich, mit fein eingebundenen Tanninen.", "finely integrated tannins"),
        ("Ein Wein mit leicht gerösteten Noten und langem Abgang.", "lightly toasted"),
        ("Ein Wein mit reifer, weicher Frucht und langem Abgang.", "ripe soft fruit"),
        ("Die Frucht wird unterstützt durch feine Säure.", "supported"),
        ("Reich und weich, mit biologischem Säureabbau.", "with malolactic fermentation"),
        ("Im Jahrgang entstand ein weicher Wein mit reifer Frucht.", "vintage results a soft wine"),
        ("Der Nachklang ist von dunkler Schokolade geprägt.", "dark chocolate marked"),
        ("Die Trauben wurden im Stahltank kühl vergoren.", "stainless steel coolly fermented"),
        ("Ein weicher Spätburgunder mit Aromen von Kirsche.", "soft pinot noir with cherry"),
        ("Ein weicher Wein aus Saperavi, mit Aromen von Kirsche.", "from saperavi"),
        ("Ein weicher Wein aus der Lage Rara, mit Aromen von Kirsche.", "rara with cherry"),
    ],
)
def test_german_is_read_as_it_is_meant(text: str, english: str) -> None:
    assert english in " ".join(read_note(text).words)


def test_a_german_noun_that_nobody_knows_is_no_understood_word() -> None:
    note = read_note("Ein weicher Wein mit Aromen von Kirsche und Quorxelbold.")
    assert "quorxelbold" in note.words
    assert note.n_known == note.n_words - 1


@pytest.mark.parametrize(
    ("word", "english"),
    [
        ("Brombeeraromen", "blackberry flavors"),
        ("Kirschfrucht", "cherry fruit"),
        ("Holzfass", "barrel"),
        ("Pflaumenkompott", "plum compote"),
        ("Vanilletöne", "vanilla tones"),
        ("Gewuerznelken", "cloves"),
        ("Aprikosenmarmelade", "apricot jam"),
    ],
)
def test_german_compounds_are_taken_apart(word: str, english: str) -> None:
    note = read_note(f"Der Wein mit {word} und sehr schönen Tanninen")
    assert f" {english} " in f" {' '.join(note.words)} "


@pytest.mark.parametrize(
    "text", ["nez de cerisse noire et de vanile", "bouche soyeusse, tannins souplles et fins"]
)
def test_a_slip_of_the_pen_is_read(text: str) -> None:
    note = read_note(text)
    assert note.language == "fr"
    assert note.n_known == note.n_words


def test_markup_and_addresses_are_no_words() -> None:
    text = "<p>Ripe &amp; round <b>cherry</b></p> https://wine.example/shop?id=1 sales@wine.example"
    assert read_note(text).words == ["ripe", "round", "cherry"]


def test_every_entry_of_the_lexicons_has_a_class_and_known_english() -> None:
    for language in TRANSLATED:
        assert len(lexicon(language).words) > 5_000
        kinds = {sense.kind for senses in lexicon(language).words.values() for sense in senses}
        assert kinds <= set("nfavgqrdpocx")
    assert {"cherry", "cherries", "tannins", "silky", "offers", "lightly"} <= english_words()


@pytest.mark.parametrize("noun", ["herbs", "cherry tannins", "berries", "series", "cassis"])
def test_no_plural_is_made_of_a_plural(noun: str) -> None:
    assert plural(noun) == noun


@pytest.mark.parametrize(
    ("text", "english"),
    [
        ("Feine Tannine, dazu Zedern", "fine tannins cedar"),
        ("Le nez offre des cèdres et des craies", "cedar chalk"),
        ("Klobig und kraftlos im Abgang", "chunky thin"),
    ],
)
def test_the_english_is_the_word_that_reviews_use(text: str, english: str) -> None:
    assert set(english.split()) <= set(read_note(text).words)


def test_sentences_in_different_languages_are_read_each_in_its_own() -> None:
    note = read_note("Ripe cherry and soft plum. Robe rubis, nez de cuir. Tannini morbidi e un finale lungo.")
    english = "ripe cherry and soft plum ruby robe nose of leather soft tannins and a long finish"
    assert " ".join(note.words) == english


WORDS = sorted({word for language in TRANSLATED for word in list(lexicon(language).words)[::40]})


@given(st.lists(st.sampled_from([*WORDS, ".", ",", "\n", "-", "l'", "d'", "1", "Ç", "的", " "]), max_size=30))
def test_any_words_in_any_order_are_read(words: list[str]) -> None:
    note = read_note(" ".join(words))
    assert 0 <= note.n_known <= note.n_words
    assert all(word and word == word.lower() for word in note.words)


@given(st.text(max_size=200))
def test_any_text_is_read(text: str) -> None:
    note = read_note(text)
    assert 0 <= note.n_known <= note.n_words


@pytest.mark.parametrize(
    "text",
    [
        "der die und das ist ein wein mit " + "kirsch" * 1_500,
        "der Wein hat " + " ".join(f"Kirschpflaumenbrombeer{number}aromen" for number in range(400)),
        "le vin est une cuvée avec du fruit " + " ".join(f"xqz{number}abcdef" for number in range(600)),
        "cerise " * 1_400,
        "<" * 9_000,
        "vin rouge. " * 900,
    ],
)
@pytest.mark.timeout(20)
def test_no_text_takes_long(text: str) -> None:
    assert read_note(text[:10_000]).n_words >= 0


@pytest.mark.parametrize(
    "text",
    [
        "En rød vin med noter af kirsebær og bløde tanniner, som er god til mad og for alle.",
        "Een volle wijn met aroma's van kersen, die in de mond zacht is en een lange afdronk heeft.",
        "Um vinho tinto com notas de cereja, a fruta é madura e os taninos são macios.",
        "Ett rött vin med toner av körsbär och ek, så i munnen är det mjukt och har en lång eftersmak.",
        *(text for text, _ in NOTES.values()),
    ],
)
def test_no_other_language_passes_for_whole_sentences_in_english(text: str) -> None:
    assert read_note(text).language != "en"


def test_whole_sentences_in_english_are_read_word_by_word() -> None:
    text = "This is a ripe and juicy wine, with notes of black cherry; it will be at its best in 2020."
    note, content = read_content(text)
    assert (note.language, note.n_words, note.n_known) == ("en", 20, 20)
    assert content == ["ripe", "juicy", "notes", "black", "cherry", "best", "2020"]


def test_a_sentence_of_another_language_among_english_ones_is_read_too() -> None:
    english = "This is a ripe and juicy wine with notes of black cherry."
    assert {"soft", "tannins", "leather"} <= set(
        read_note(f"{english} Robe rubis, tanins souples, nez de cuir.").words
    )


def test_once_loaded_no_note_waits_for_a_lexicon(monkeypatch: pytest.MonkeyPatch) -> None:
    load_lexicons()

    def read_again(name: str) -> str:
        raise AssertionError(f"{name} is read while a note waits")

    monkeypatch.setattr(lexicons, "_text", read_again)
    for text, _ in NOTES.values():
        assert read_note(text).words


@pytest.mark.parametrize(
    ("language", "note", "said"),
    [
        ("fr", "Cèdre et griotte, sous-bois.", {"cedar": "cèdre", "cherry": "griotte", "floor": "sous-bois"}),
        (
            "de",
            "Zedernholz, schwarze Johannisbeere.",
            {"cedar": "Zedernholz", "blackcurrant": "schwarze Johannisbeere"},
        ),
        ("it", "Ciliegia, cuoio; finale lungo.", {"cherry": "ciliegia", "leather": "cuoio", "long": "lungo"}),
        ("es", "<p>Mora y cuero</p>", {"blackberry": "mora", "leather": "cuero"}),
        ("en", "Cherry and cedar.", {}),
        ("und", "Ένα κρασί", {}),
    ],
)
def test_english_words_lead_back_to_the_notes_own(language: str, note: str, said: dict[str, str]) -> None:
    found = given_words(note, language)
    assert {word: found[word] for word in said} == said
    assert bool(found) == bool(said)
