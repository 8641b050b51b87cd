"""The templates of the pages, rendered by Jinja2: values are escaped, and a missing one is an error."""

from __future__ import annotations

import re
from functools import cache

from jinja2 import Environment, PackageLoader, StrictUndefined
from litestar.plugins.jinja import JinjaTemplateEngine
from litestar.template import TemplateConfig
from markupsafe import Markup, escape

from serving.pages.assets import digest


@cache
def environment() -> Environment:
    """The environment of all templates. `assets` is the address of the assets, below `root`."""
    made = Environment(
        loader=PackageLoader("serving.pages"), autoescape=True, undefined=StrictUndefined, trim_blocks=False
    )
    made.globals.update(assets=f"assets/{digest()}", root="")
    made.filters["code"] = code
    return made


def template_config() -> TemplateConfig[JinjaTemplateEngine]:
    """The templates as Litestar's `Template` answers find them."""
    return TemplateConfig(instance=JinjaTemplateEngine.from_environment(environment()))


def code(text: str) -> Markup:
    """HTML of a text in which backticks stand around code."""
    return Markup(re.sub(r"`([^`]+)`", r"<code>\1</code>", str(escape(text))))  # noqa: S704 - escaped before
