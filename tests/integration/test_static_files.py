"""Static files travel compressed, whatever was collected."""

import gzip
from pathlib import Path

import pytest
from django.conf import settings
from django.contrib.staticfiles import finders
from django.http import HttpResponse
from django.test import RequestFactory

from igentai_site.compressed import CompressedStaticFiles, compressed_copy

CHART = "chartkick/Chart.bundle.js"


@pytest.fixture(autouse=True)
def folder(tmp_path, monkeypatch):
    monkeypatch.setattr(settings, "VAR_DIR", tmp_path)
    return tmp_path / "compressed"


def body(response):
    return b"".join(response.streaming_content)


def test_a_file_is_sent_compressed_to_whoever_understands_it(client, folder):
    original = Path(str(finders.find(CHART))).read_bytes()
    compressed = client.get(f"/static/{CHART}", HTTP_ACCEPT_ENCODING="gzip, br")
    data = body(compressed)
    assert compressed.headers["Content-Encoding"] == "gzip"
    assert compressed.headers["Vary"] == "Accept-Encoding"
    assert int(compressed.headers["Content-Length"]) == len(data) < len(original) / 5
    assert gzip.decompress(data) == original
    plain = client.get(f"/static/{CHART}")
    assert "Content-Encoding" not in plain.headers
    assert body(plain) == original


def test_a_file_that_comes_with_a_compressed_copy_is_left_to_it(tmp_path, folder, settings):
    collected = tmp_path / "collected"
    collected.mkdir()
    (collected / "a.js").write_text("x" * 10_000)
    (collected / "a.js.gz").write_bytes(gzip.compress(b"x" * 10_000, mtime=0))
    settings.STATIC_ROOT, settings.WHITENOISE_USE_FINDERS = str(collected), False
    middleware = CompressedStaticFiles(lambda request: HttpResponse(status=404))
    response = middleware(RequestFactory().get("/static/a.js", headers={"accept-encoding": "gzip"}))
    assert response.headers["Content-Encoding"] == "gzip"
    assert gzip.decompress(body(response)) == b"x" * 10_000
    response.close()
    assert not folder.exists()


def test_a_file_that_has_changed_has_another_copy(tmp_path, folder):
    path = tmp_path / "a.js"
    copies = set()
    for text in ("one", "two", "one"):
        path.write_text(text)
        copy = compressed_copy(path, folder)
        assert gzip.decompress(copy.read_bytes()) == text.encode()
        copies.add(copy)
    assert len(copies) == 2
    assert set(folder.iterdir()) == copies


def test_without_a_place_for_copies_files_are_sent_as_they_are(client, tmp_path, caplog):
    (tmp_path / "compressed").write_text("in the way")
    response = client.get("/static/igentai/live.css", HTTP_ACCEPT_ENCODING="gzip")
    assert "Content-Encoding" not in response.headers
    assert body(response)
    assert "is sent as it is" in caplog.text
