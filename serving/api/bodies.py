"""Request bodies as handlers get them: read by `serving.payloads.parsing`, which names every error at once.

Litestar's own decoding stops at the first error and refuses unknown fields. These DTOs keep it to what it is
good at: limits, and the description of the body's type.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import TYPE_CHECKING, Any, ClassVar, NoReturn

import msgspec
from litestar import Request
from litestar.dto import AbstractDTO
from litestar.typing import FieldDefinition

from pricing.wine.request import Wine
from serving.http import context
from serving.http.media_types import check_json
from serving.payloads import parsing

if TYPE_CHECKING:
    from litestar._openapi.schema_generation import SchemaCreator
    from litestar.openapi.spec import Reference, Schema


class JsonRequest(Request[Any, Any, Any]):
    """A request whose empty body is malformed JSON, where Litestar takes it for a missing argument."""

    async def body(self) -> bytes:
        return await super().body() or b" "


class BodyDTO(AbstractDTO[Any]):
    """Reads a body with `read`; in the description of the API its type is `described_as`."""

    read: ClassVar[Callable[..., Any]]
    described_as: ClassVar[Any]

    def decode_bytes(self, value: bytes) -> Any:  # noqa: ANN401 - what the subclass reads
        check_json(context.of(self.asgi_connection.scope).headers)
        return type(self).read(value)

    @classmethod
    def is_supported_model_type_field(cls, field_definition: FieldDefinition) -> bool:
        return field_definition.name == "data"

    @classmethod
    def create_for_field_definition(cls, *_: object, **__: object) -> None:
        """Nothing is transferred to another type."""

    @classmethod
    def create_openapi_schema(
        cls,
        field_definition: FieldDefinition,  # noqa: ARG003 - Litestar's signature, here and below
        handler_id: str,  # noqa: ARG003
        schema_creator: SchemaCreator,
    ) -> Reference | Schema:
        return schema_creator.for_field_definition(FieldDefinition.from_annotation(cls.described_as))

    @classmethod
    def generate_field_definitions(cls, model_type: type[Any]) -> Iterator[NoReturn]:  # type: ignore[override]  # noqa: ARG003
        yield from ()

    @classmethod
    def detect_nested_field(cls, field_definition: FieldDefinition) -> bool:  # noqa: ARG003
        return False


class WineBatch(msgspec.Struct):
    """Wines to be priced, in the order in which they are answered."""

    wines: parsing.Wines


class WineBody(BodyDTO):
    """One wine."""

    read: ClassVar = staticmethod(parsing.one_wine)
    described_as = Wine


class BatchBody(BodyDTO):
    """An object with wines, or the list of them alone."""

    read: ClassVar = staticmethod(parsing.wines)
    described_as = WineBatch | parsing.Wines


class FeedbackBody(BodyDTO):
    """What a wine really cost."""

    read: ClassVar = staticmethod(parsing.feedback)
    described_as = parsing.Feedback
