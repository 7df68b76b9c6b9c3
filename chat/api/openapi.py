"""The description for machines and its page, both from the routes themselves."""

from __future__ import annotations

import asyncio
from collections.abc import Collection
from functools import cache
from typing import Any

from django.http import HttpRequest, HttpResponse
from ninja import NinjaAPI
from pydantic import TypeAdapter

from chat.api import shapes
from chat.protocol import codec
from chat.protocol.commands import Command

_REFS = "#/components/schemas/{model}"
# What bodies refer to, by name: objects within commands.
_PARTS: dict[str, Any] = {}


def body(kind: type[Command], named: Collection[str] = (), optional: Collection[str] = ()) -> dict[str, Any]:
    """Describe a body: the command without its type and what the address names."""
    schema = kind.model_json_schema(ref_template=_REFS)
    left_out = {"type", *named}
    _PARTS.update(schema.pop("$defs", {}))
    schema["properties"] = {
        name: details for name, details in schema["properties"].items() if name not in left_out
    }
    schema["required"] = [
        name for name in schema.get("required", ()) if name not in left_out and name not in optional
    ]
    if not schema["required"]:
        del schema["required"]
    return {"requestBody": {"required": True, "content": {"application/json": {"schema": schema}}}}


def describe(api: NinjaAPI) -> dict[str, Any]:
    """Return the OpenAPI document; every operation may also answer with the one error object."""
    document: dict[str, Any] = dict(api.get_openapi_schema())
    error = TypeAdapter(shapes.Error).json_schema(ref_template=_REFS, mode="serialization")
    # What is nested and is in answers too is called as the shape there.
    schemas = _PARTS | document["components"]["schemas"]
    document["components"]["schemas"] = schemas | error.pop("$defs") | {"Error": error}
    content = {"application/json": {"schema": {"$ref": _REFS.format(model="Error")}}}
    for operations in document["paths"].values():
        for operation in operations.values():
            found = {str(status): response for status, response in operation["responses"].items()}
            operation["responses"] = found | {"default": {"description": "Refused", "content": content}}
    return document


@cache
def _encoded(api: NinjaAPI) -> bytes:
    return codec.encode(describe(api))


async def document(request: HttpRequest, api: NinjaAPI) -> HttpResponse:
    """Serve the description."""
    # Off the loop: the first time it takes a tenth of a second.
    return HttpResponse(await asyncio.to_thread(_encoded, api), content_type="application/json")


async def page(request: HttpRequest, api: NinjaAPI) -> HttpResponse:
    """Serve the page that shows the description; everything on it comes from this server."""
    return await asyncio.to_thread(api.docs.render_page, request, api)
