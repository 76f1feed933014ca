"""The OpenAPI description holds together, and so does the page that is made of it."""

import re

from igentai_site.api.reference import page_of
from igentai_site.api.site import description
from topics.commands import COMMANDS

ROUTES = {
    "/api/v1/me": {"get"},
    "/api/v1/topics": {"get", "post"},
    "/api/v1/topics/{topic_id}": {"get", "patch"},
    "/api/v1/topics/{topic_id}/status": {"get"},
    "/api/v1/topics/{topic_id}/start": {"post"},
    **{f"/api/v1/topics/{{topic_id}}/{command}": {"post"} for command in COMMANDS},
    "/api/v1/attributes": {"get"},
    "/api/v1/topics/{topic_id}/attributes.ndjson": {"get"},
    "/api/v1/exports": {"get", "post"},
    "/api/v1/exports/{export_id}": {"get"},
    "/api/v1/exports/{export_id}/file": {"get"},
    "/api/v1/exports/{export_id}/cancel": {"post"},
}


def operations():
    for path, methods in description()["paths"].items():
        for method, told in methods.items():
            yield path, method, told


def references(value):
    if isinstance(value, dict):
        yield from [value["$ref"]] if "$ref" in value else []
        value = list(value.values())
    if isinstance(value, list):
        for each in value:
            yield from references(each)


def test_these_are_the_routes():
    found = {path: set(methods) for path, methods in description()["paths"].items()}
    assert found == ROUTES


def test_every_reference_leads_somewhere():
    schema = description()
    found = {f"#/components/schemas/{name}" for name in schema["components"]["schemas"]}
    assert set(references(schema["paths"])) | set(references(schema["components"])) <= found


def test_it_is_an_openapi_document():
    schema = description()
    assert schema["openapi"].startswith("3.1")
    assert schema["info"]["title"] == "igentai"
    assert schema["components"]["securitySchemes"] == {"Token": {"type": "http", "scheme": "bearer"}}
    names = [told["operationId"] for _, _, told in operations()]
    assert len(names) == len(set(names))


def test_every_operation_wants_a_token_and_tells_its_errors():
    for path, method, told in operations():
        assert told["security"] == [{"Token": []}], path
        for status in (401, 403, 422, 429):
            content = told["responses"][status]["content"]["application/json"]
            assert content["schema"]["$ref"].endswith("/ErrorOut"), (path, method)
        named = set(re.findall(r"\{(\w+)\}", path))
        assert named == {each["name"] for each in told.get("parameters", ()) if each["in"] == "path"}


def test_the_page_has_every_operation_once():
    page = page_of(description(), "http://here")
    shown = [(operation.path, operation.method.lower()) for each in page["sections"] for operation in each.operations]
    assert sorted(shown) == sorted((path, method) for path, method, _ in operations())


def test_every_link_of_the_page_has_its_target():
    page = page_of(description(), "http://here")
    objects = {each.name for each in page["objects"]}
    fields = [field for each in page["objects"] for field in each.fields]
    every = [operation for section in page["sections"] for operation in section.operations]
    led_to = {field.of for field in fields} | {operation.answer for operation in every} - {""}
    assert led_to - {""} <= objects


def test_an_example_has_what_is_needed():
    page = page_of(description(), "http://here")
    examples = {operation.id: operation.curl for section in page["sections"] for operation in section.operations}
    assert examples["list_topics"] == "curl -H \"Authorization: Bearer $TOKEN\" 'http://here/api/v1/topics'"
    assert "-X POST" in examples["create_topic"]
    assert """-d '{"name": "name"}'""" in examples["create_topic"]
    assert "/topics/1/stop'" in examples["stop_topic"]
