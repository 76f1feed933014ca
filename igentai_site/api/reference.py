"""The OpenAPI description in the words of a page. Pure."""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any

METHODS = ("get", "post", "patch", "put", "delete")
PLACEHOLDERS = {"topic_id": "1", "export_id": "1"}


@dataclass(frozen=True, slots=True)
class Value:
    """A parameter, or a field of an object. `of` is the object that it holds, if any."""

    name: str
    kind: str
    words: str
    required: bool = False
    of: str = ""


@dataclass(frozen=True, slots=True)
class Operation:
    id: str
    method: str
    path: str
    summary: str
    description: str
    permission: str
    parameters: tuple[Value, ...]
    body: tuple[Value, ...]
    status: str
    answer: str
    curl: str


@dataclass(frozen=True, slots=True)
class Section:
    name: str
    operations: tuple[Operation, ...]


@dataclass(frozen=True, slots=True)
class Described:
    """An object that crosses the API."""

    name: str
    words: str
    fields: tuple[Value, ...]


def page_of(schema: Mapping[str, Any], address: str) -> dict[str, Any]:
    """The sections, each with its operations, and the objects that come back."""
    objects = schema["components"]["schemas"]
    sections: dict[str, list[Operation]] = {}
    for path, methods in schema["paths"].items():
        for method in METHODS:
            if method in methods:
                found = _operation(path, method, methods[method], objects, address)
                sections.setdefault(methods[method].get("tags", ["other"])[0], []).append(found)
    answers = [_described(name, objects[name]) for name in sorted(objects) if _is_answer(name)]
    return {"sections": [Section(name, tuple(found)) for name, found in sections.items()], "objects": answers}


def _is_answer(name: str) -> bool:
    """Bodies are shown with their operation."""
    return name not in ("NewTopic", "TopicChange", "CommandIn", "NewExport")


def _operation(
    path: str, method: str, told: Mapping[str, Any], objects: Mapping[str, Any], address: str
) -> Operation:
    status, answer = _answer(told["responses"])
    body = told.get("requestBody", {}).get("content", {}).get("application/json", {}).get("schema", {})
    fields = tuple(_fields(objects.get(_reference(body), {})))
    return Operation(
        id=told["operationId"],
        method=method.upper(),
        path=path,
        summary=told["summary"],
        description=_plain(told.get("description", "")),
        permission=told.get("x-permission", ""),
        parameters=tuple(_parameter(each) for each in told.get("parameters", ())),
        body=fields,
        status=status,
        answer=answer,
        curl=_curl(path, method, fields, address),
    )


def _answer(responses: Mapping[Any, Any]) -> tuple[str, str]:
    """The status when all is well, and the object that comes with it."""
    status = min(responses, key=int)
    contents = responses[status].get("content", {})
    schema: Mapping[str, Any] = next((content.get("schema", {}) for content in contents.values()), {})
    return str(status), _reference(schema)


def _parameter(told: Mapping[str, Any]) -> Value:
    words = told.get("description") or told["schema"].get("description", "")
    return Value(told["name"], _kind(told["schema"]), _plain(words), required=told.get("required", False))


def _described(name: str, told: Mapping[str, Any]) -> Described:
    return Described(name, _plain(told.get("description", "")), tuple(_fields(told)))


def _fields(told: Mapping[str, Any]) -> Iterator[Value]:
    required = told.get("required", ())
    for name, each in told.get("properties", {}).items():
        yield Value(name, _kind(each), _plain(each.get("description", "")), name in required, _reference(each))


def _plain(text: str) -> str:
    """Descriptions are Markdown, of which only the ticks are used."""
    return text.replace("`", "")


def _kind(schema: Mapping[str, Any]) -> str:
    """The type in a word or two."""
    if "anyOf" in schema:
        kinds = [_kind(each) for each in schema["anyOf"]]
        return " or ".join(kind for kind in dict.fromkeys(kinds))
    if "enum" in schema:
        words = ", ".join(str(each) for each in schema["enum"] if each != "")
        return f"{words}, or empty" if "" in schema["enum"] else words
    if schema.get("type") == "array":
        return f"list of {_kind(schema['items'])}"
    if "$ref" in schema or "allOf" in schema:
        return _reference(schema)
    kind = str(schema.get("format") or schema.get("type", "anything"))
    least, most = schema.get("minimum"), schema.get("maximum")
    return f"{kind}, {least:,} to {most:,}" if least is not None and most is not None and most < 1e9 else kind


def _reference(schema: Mapping[str, Any]) -> str:
    """The name of the object that a schema leads to; empty: to none."""
    if "$ref" in schema:
        return str(schema["$ref"]).rsplit("/", 1)[-1]
    inner = [schema["items"]] if "items" in schema else [*schema.get("anyOf", ()), *schema.get("allOf", ())]
    return next((name for name in map(_reference, inner) if name), "")


def _curl(path: str, method: str, body: tuple[Value, ...], address: str) -> str:
    for name, value in PLACEHOLDERS.items():
        path = path.replace(f"{{{name}}}", value)
    parts = ['curl -H "Authorization: Bearer $TOKEN"']
    if method != "get":
        parts.append(f"-X {method.upper()}")
    needed = {value.name: value.name for value in body if value.required}
    if needed:
        parts.append(f"-H 'Content-Type: application/json' -d '{json.dumps(needed)}'")
    return " ".join([*parts, f"'{address}{path}'"])
