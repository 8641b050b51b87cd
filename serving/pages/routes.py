"""HTTP routes of the pages: the page for people, what it is made of, and the names it completes."""

from __future__ import annotations

from collections.abc import Callable
from typing import Annotated

from litestar import Router, get
from litestar.exceptions import NotFoundException
from litestar.params import FromPath, FromQuery, HeaderParameter, PathParameter, QueryParameter
from litestar.response import Response, Template

from pricing.scoring.record_scorer import RecordScorer
from pricing.wine.places.display import local_names
from pricing.wine.schema import CATEGORY_FIELDS
from serving.access.route_access import OPEN
from serving.api.openapi import NO_KEY, documented, problem_responses
from serving.pages.assets import assets, digest
from serving.pages.categories import CategoryIndex
from serving.pages.headers import ASSET_HEADERS, OLD_ASSET_HEADERS, PAGE_HEADERS
from serving.pages.language import LANGUAGES, negotiate
from serving.pages.price_page import price_page
from serving.pages.reference_page import problem_types
from serving.payloads.schemas import CategoryNames, FoundNames

HTML = "text/html"
_NO_NAMES: dict[str, tuple[str, ...]] = dict.fromkeys(CATEGORY_FIELDS, ())
ONE_HOUR = {"Cache-Control": "private, max-age=3600"}


def page_router() -> Router:
    """`/`, `/docs` and the assets: the same for everybody, needing no model and no key."""
    handlers = [show_price_page, show_reference, show_problems, show_asset]
    return Router("/", route_handlers=handlers, include_in_schema=False, opt=OPEN)


def category_router(scorer: Callable[[], RecordScorer | None]) -> Router:
    """`/categories`: the names that the model in service knows. `scorer` gives None while there is none."""
    index = CurrentIndex(scorer)

    @get(
        "/categories",
        operation_id="categories",
        summary="Names that the model knows",
        response_description="By field",
        responses=problem_responses(),
        operation_class=documented(answer={"country": {"names": ["US", "France"], "complete": True}}),
        sync_to_thread=False,
    )
    def list_categories() -> Response[dict[str, CategoryNames]]:
        """The most frequent first, and at most two thousand of a field."""
        return Response(index.current().listing(), headers=ONE_HOUR)

    @get(
        "/categories/{field:str}",
        operation_id="searchCategory",
        summary="Known names that start like this",
        responses=problem_responses(400, 404),
        operation_class=documented(answer={"names": ["Tuscany"], "labels": {"Tuscany": "Toskana"}}),
        sync_to_thread=False,
    )
    def search_categories(
        field: Annotated[str, PathParameter(description="country, province, …")],
        prefix: Annotated[str, QueryParameter(max_length=200, description="What was typed so far")] = "",
        country: Annotated[
            str, QueryParameter(max_length=200, description="Names of this country alone, where it has any")
        ] = "",
        language: Annotated[
            str, QueryParameter(max_length=20, description="For `labels`: en, fr, it, es or de")
        ] = "en",
    ) -> Response[FoundNames]:
        """At most a dozen, the most frequent first; any word of the name may start so."""
        if field not in CATEGORY_FIELDS:
            raise NotFoundException(f"{field!r} has no list of names; {', '.join(CATEGORY_FIELDS)} have.")
        names = index.current().search(field, prefix, country=country)
        local = local_names(language).get(field, {}) if language in LANGUAGES else {}
        labels = {name: local[name] for name in names if name in local}
        return Response(FoundNames(names, labels), headers=ONE_HOUR)

    return Router(
        "/", route_handlers=[list_categories, search_categories], tags=["model"], opt=OPEN, security=NO_KEY
    )


class CurrentIndex:
    """The index of the model in service: built when first asked for, and again after a promotion."""

    def __init__(self, scorer: Callable[[], RecordScorer | None]) -> None:
        self._scorer = scorer
        self._indexed: RecordScorer | None = None
        self._index = CategoryIndex(_NO_NAMES)

    def current(self) -> CategoryIndex:
        """Names of the model in service; empty lists while there is none."""
        scorer = self._scorer()
        if scorer is not self._indexed:
            self._index = (
                CategoryIndex({**_NO_NAMES, **scorer.categories}, scorer.hierarchy)
                if scorer
                else CategoryIndex(_NO_NAMES)
            )
            self._indexed = scorer
        return self._index


@get("/", media_type=HTML, sync_to_thread=False)
def show_price_page(
    lang: FromQuery[str | None] = None,
    accept_language: Annotated[str, HeaderParameter(name="Accept-Language")] = "",
) -> Template:
    language = negotiate(lang, accept_language)
    headers = {**PAGE_HEADERS, "Content-Language": language, "Vary": "Accept-Language"}
    return Template("price.html", context=price_page(language), headers=headers)


@get("/docs", media_type=HTML, sync_to_thread=False)
def show_reference() -> Template:
    return Template("docs.html", headers=PAGE_HEADERS)


@get("/docs/problems", media_type=HTML, sync_to_thread=False)
def show_problems() -> Template:
    context = {"problems": problem_types(), "root": "../"}
    return Template("problems.html", context=context, headers=PAGE_HEADERS)


@get("/assets/{version:str}/{folder:str}/{name:str}", sync_to_thread=False)
def show_asset(version: FromPath[str], folder: FromPath[str], name: FromPath[str]) -> Response[bytes]:
    """An asset. A page older than the service asks at an old address: it gets the file, and keeps it not."""
    path = f"{folder}/{name}"
    asset = assets().get(path)
    if asset is None:
        raise NotFoundException(f"There is no asset named {path!r}.")
    headers = ASSET_HEADERS if version == digest() else OLD_ASSET_HEADERS
    return Response(asset.content, media_type=asset.media_type, headers=headers)
