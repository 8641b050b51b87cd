"""What is no word of a note: tags, entities, addresses."""

from __future__ import annotations

import html
import re
from typing import Final

_TAG: Final = re.compile(r"<(?:!--.{0,500}?--|/?[a-zA-Z][^<>]{0,500})>", re.DOTALL)
_ADDRESS: Final = re.compile(
    r"(?:https?://|www\.)\S+|[^\s@]{1,64}@[^\s@.]{1,63}(?:\.[^\s@.]{1,63}){1,8}", re.IGNORECASE
)
"""Repetitions have limits: notes come from outside, and without them `@@@…` takes for ever."""
_ENTITY: Final = re.compile(r"&(?:#\d+|#x[0-9a-fA-F]+|[a-zA-Z]+);")


def has_markup(text: str) -> bool:
    """Whether there is a tag of HTML in the text."""
    return "<" in text and _TAG.search(text) is not None


def plain_text(text: str) -> str:
    """The text without tags and web addresses, with its entities read."""
    if "&" in text and _ENTITY.search(text):
        text = html.unescape(text)
    if "<" in text:
        text = _TAG.sub(" ", text)
    if "://" in text or "www." in text or "@" in text:
        text = _ADDRESS.sub(" ", text)
    return text
