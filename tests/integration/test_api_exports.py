"""Exports through the API: asked for, followed, downloaded; everybody's own."""

from typing import Any

import pytest
from asgiref.sync import sync_to_async
from django.db import connections
from django.test import AsyncClient

from tests.factories import AttributeFactory, RequestFactory, RunFactory, UserFactory
from tests.programs import API, VIEWER, error, program

tasks = pytest.importorskip("topics.exports.tasks", reason="exports are not there yet", exc_type=ImportError)
pytestmark = [pytest.mark.storage, pytest.mark.django_db]


@pytest.fixture(autouse=True)
def folder(settings, tmp_path):
    settings.IGENTAI_EXPORTS = tmp_path / "exports"


@pytest.fixture
def row():
    return RequestFactory(producer__run=RunFactory(number=1))


@pytest.fixture
def viewer():
    return program(VIEWER)


def asked(client, row, **values):
    response = client.post("/exports", {"topic": row.run.topic.pk, "format": "txt"} | values)
    assert response.status_code == 202, response.content
    return response.json()


def test_an_export_is_asked_for_made_and_told(viewer, row):
    AttributeFactory(request=row, text="Louvre")
    export = asked(viewer, row)
    assert (export["state"], export["file"], export["topic"]) == ("waiting", "", row.run.topic.pk)
    assert error(viewer.get(f"/exports/{export['id']}/file"))["code"] == "no_file"
    tasks.make_export(export["id"])
    told = viewer.get(f"/exports/{export['id']}").json()
    assert (told["state"], told["written"], told["size"]) == ("ready", 1, len("Louvre\n"))
    assert told["file"] == f"{API}/exports/{export['id']}/file"
    assert viewer.get("/exports").json()["items"] == [told]


@pytest.mark.django_db(transaction=True)
async def test_its_file_is_what_was_asked_for(row):
    secret = await sync_to_async(_made)(row)
    client, headers = AsyncClient(), {"Authorization": f"Bearer {secret}"}
    (export,) = (await client.get(f"{API}/exports", headers=headers)).json()["items"]
    response: Any = await client.get(export["file"], headers=headers)
    content = b"".join([piece async for piece in response.streaming_content])
    assert content.decode() == "Élysée\n"
    assert response.headers["Content-Length"] == str(len(content))
    await sync_to_async(connections.close_all)()


def _made(row):
    AttributeFactory(request=row, text="Élysée")
    AttributeFactory(request=row, text="Louvre")
    client = program(VIEWER)
    tasks.make_export(asked(client, row, q="elysee")["id"])
    return client.secret


def test_an_export_narrows_as_the_pages_do(viewer, row):
    export = asked(viewer, row, run=1, provider=row.provider.name, producer=row.producer.slot, state="new")
    assert export["state"] == "waiting"
    for wrong in ({"run": 9}, {"provider": "nobody"}, {"state": "strange"}, {"format": "exe"}, {"colour": "red"}):
        response = viewer.post("/exports", {"topic": row.run.topic.pk, "format": "txt"} | wrong)
        assert (response.status_code, list(error(response)["fields"])) == (422, list(wrong))


def test_others_exports_do_not_exist(viewer, row):
    export = asked(viewer, row)
    other = program(user=UserFactory(admin=True))
    assert other.get("/exports").json()["items"] == []
    for method, path in (("GET", ""), ("GET", "/file"), ("POST", "/cancel")):
        assert other.send(method, f"/exports/{export['id']}{path}").status_code == 404


def test_one_is_cancelled_once(viewer, row):
    export = asked(viewer, row)
    assert viewer.post(f"/exports/{export['id']}/cancel").json()["state"] == "cancelled"
    assert error(viewer.post(f"/exports/{export['id']}/cancel"))["code"] == "not_now"


def test_one_has_only_so_many_under_way(viewer, row):
    statuses = [viewer.post("/exports", _body(row, text)).status_code for text in "abcdefgh"]
    assert statuses[0] == 202
    assert statuses[-1] == 429


def _body(row, text):
    return {"topic": row.run.topic.pk, "format": "txt", "q": text}


def test_exporting_wants_the_permission_and_a_token_that_may_change(row):
    body = {"topic": row.run.topic.pk, "format": "txt"}
    assert program(VIEWER[:1]).post("/exports", body).status_code == 403
    assert error(program(VIEWER, read_only=True).post("/exports", body))["code"] == "read_only"
