"""Which language a reader gets, and that no phrase is missing in it."""

from __future__ import annotations

import inspect
import json
import re
from importlib.resources import files

import pytest

from pricing.scoring import warnings
from pricing.wine.places.display import local_name, local_names
from pricing.wine.schema import CATEGORY_FIELDS, FIELDS
from serving.pages.language import LANGUAGES, negotiate, phrases
from serving.pages.price_page import price_page
from serving.pages.template import environment
from serving.payloads import parsing

SLOT = re.compile(r"\{\w+\}")


@pytest.mark.parametrize(
    ("asked", "accepted", "shown"),
    [
        (None, "", "en"),
        (None, "fr-CA,fr;q=0.9,en;q=0.5", "fr"),
        (None, "nl-NL,nl;q=0.9,fr;q=0.3,en;q=0.2", "fr"),
        (None, "de-AT,en;q=0.8", "de"),
        ("it", "es", "it"),
        (None, "en;q=0.4, fr;q=0.8", "fr"),
        (None, "fr;q=0, en;q=0.1", "en"),
        (None, "ja", "en"),
        (None, "fr;q=much", "en"),
        ("fr", "en", "fr"),
        ("en", "fr", "en"),
        ("tlh", "fr", "fr"),
    ],
)
def test_the_switch_decides_and_else_the_browser(asked: str | None, accepted: str, shown: str) -> None:
    assert negotiate(asked, accepted) == shown


@pytest.mark.parametrize("language", LANGUAGES)
def test_every_phrase_is_there_with_the_same_slots(language: str) -> None:
    ours, english = phrases(language), phrases("en")
    assert ours.keys() == english.keys()
    for key, phrase in english.items():
        assert sorted(SLOT.findall(ours[key])) == sorted(SLOT.findall(phrase)), key


@pytest.mark.parametrize("language", LANGUAGES)
def test_punctuation_is_that_of_the_language(language: str) -> None:
    broken = r" [:;?!»]|« " if language == "fr" else r"\s[:;?!»]|«\s"
    for key, phrase in phrases(language).items():
        assert not re.search(broken, phrase), key
        assert not re.search(r"'|\"|\.\.\.", phrase), key


def test_every_warning_has_its_sentence() -> None:
    source = inspect.getsource(warnings) + inspect.getsource(parsing)
    named = re.findall(r'(?:code=|_of_note\(|RequestWarning\()\s*"(\w+)"', source)
    codes = {*named, *warnings._ODD, *(f"unknown_{field}" for field in CATEGORY_FIELDS)}
    assert len(codes) > 12
    assert {f"warning.{code}" for code in codes} <= phrases("en").keys()


def test_every_field_has_its_words() -> None:
    for field in FIELDS:
        assert {f"field.{field}", f"field.{field}.hint", f"name.{field}"} <= phrases("en").keys()


@pytest.mark.parametrize("language", LANGUAGES)
def test_local_names_lead_to_one_name_each(language: str) -> None:
    for field, names in local_names(language).items():
        assert field in CATEGORY_FIELDS
        assert len(set(names.values())) == len(names)


def test_names_are_shown_as_readers_know_them() -> None:
    assert local_name("country", "US", "fr") == "États-Unis"
    assert local_name("country", "England", "it") == "Inghilterra"
    assert local_name("province", "Port", "fr") == "Porto"
    assert local_name("province", "Lisboa", "de") == "Lissabon"
    assert local_name("province", "Oregon", "fr") == "Oregon"
    assert local_name("province", "Washington", "fr") == "État de Washington"
    assert local_name("variety", "Melon", "fr") == "Melon de Bourgogne"
    assert local_name("province", "Burgundy", "de") == "Burgund"
    assert local_name("province", "Bordeaux", "es") == "Burdeos"
    assert local_name("variety", "Red Blend", "es") == "Ensamblaje tinto"
    assert local_name("province", "Nowhere", "fr") == "Nowhere"
    assert local_name("province", "France Other", "fr") == "Autres régions de France"
    assert local_name("province", "Spain Other", "de") == "Übriges Spanien"
    assert local_name("country", "Macedonia", "de") == "Nordmazedonien"
    assert local_name("variety", "Rhône-style Red Blend", "it") == "Uvaggio rosso del Rodano"


def test_names_in_a_language_are_written_once_and_with_real_apostrophes() -> None:
    table = (files("pricing.wine.places") / "data" / "places.tsv").read_text(encoding="utf-8")
    for line in table.splitlines():
        tags = re.findall(r"(?:\t|; )(fr|it|es|de):", line)
        assert len(tags) == len(set(tags)), line
    for language in LANGUAGES:
        for names in local_names(language).values():
            assert not [name for name in names.values() if "'" in name]


@pytest.mark.parametrize("language", LANGUAGES)
def test_the_page_holds_nothing_that_the_content_policy_refuses(language: str) -> None:
    page = environment().get_template("price.html").render(price_page(language))
    assert f'<html lang="{language}">' in page
    assert not re.search(r"\sstyle=|\son\w+=|<style", page)
    scripts = re.findall(r"<script([^>]*)>(.*?)</script>", page, flags=re.DOTALL)
    assert [bool(body) for _, body in scripts] == [
        'type="application/json"' in head for head, body in scripts
    ]
    assert json.loads(scripts[0][1])["language"] == language
    assert "http://" not in page
    assert "https://" not in page
