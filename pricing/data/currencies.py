"""Signs and codes of currencies beside a number: US dollars are read, others are named in the refusal."""

from __future__ import annotations

import re
from typing import Final

DOLLARS: Final = frozenset(
    {"", "$", "us$", "$us", "usd", "usd$", "$usd", "us", "dollar", "dollars", "usdollar", "usdollars"}
)

OTHERS: Final = {
    "€": "EUR", "eur": "EUR", "euro": "EUR", "euros": "EUR", "£": "GBP", "gbp": "GBP", "¥": "JPY",
    "jpy": "JPY", "chf": "CHF", "fr": "CHF", "sfr": "CHF", "ca$": "CAD", "c$": "CAD", "cad": "CAD",
    "a$": "AUD", "au$": "AUD", "aud": "AUD", "nz$": "NZD", "nzd": "NZD", "hk$": "HKD", "hkd": "HKD",
    "s$": "SGD", "sgd": "SGD", "r$": "BRL", "brl": "BRL", "mx$": "MXN", "mxn": "MXN", "kr": "SEK",
    "sek": "SEK", "nok": "NOK", "dkk": "DKK", "zar": "ZAR", "r": "ZAR", "cny": "CNY", "rmb": "CNY",
    "₹": "INR", "inr": "INR", "₽": "RUB", "rub": "RUB", "zł": "PLN", "pln": "PLN", "kč": "CZK", "czk": "CZK",
    "ft": "HUF", "huf": "HUF", "₺": "TRY", "₩": "KRW", "krw": "KRW", "clp": "CLP", "ars": "ARS",
    "gel": "GEL", "₪": "ILS", "ils": "ILS", "ron": "RON", "lei": "RON", "livre": "GBP", "livres": "GBP",
    "pound": "GBP", "pounds": "GBP", "twd": "TWD", "nt$": "TWD", "thb": "THB", "฿": "THB",
}  # fmt: skip

_SPACES: Final = re.compile(r"[\s.\u00a0\u202f]")


def other_currency(unit: str) -> str | None:
    """Code of the currency that a sign or word beside a number stands for; None for US dollars.

    Raises ValueError for what is no currency.
    """
    unit = _SPACES.sub("", unit.lower())
    if unit in DOLLARS:
        return None
    if unit not in OTHERS:
        raise ValueError(unit)
    return OTHERS[unit]
