"""Only pages of this very site may open a WebSocket."""

import pytest

from orchestration.portal.origin import SameOriginOnly, is_same_origin


@pytest.fixture(autouse=True)
def hosts(settings):
    settings.ALLOWED_HOSTS = ["localhost", "127.0.0.1", "[::1]", "igentai.example"]
    settings.DEPLOYED = False


def handshake(*, origin=None, host="localhost:8000", scheme="ws"):
    headers = [(b"host", host.encode())] if host else []
    headers += [(b"origin", origin.encode())] if origin is not None else []
    return {"type": "websocket", "scheme": scheme, "headers": headers}


@pytest.mark.parametrize(
    ("origin", "host", "scheme"),
    [
        ("http://localhost:8000", "localhost:8000", "ws"),
        ("http://127.0.0.1:8000", "127.0.0.1:8000", "ws"),
        ("http://[::1]:8000", "[::1]:8000", "ws"),
        ("https://igentai.example", "igentai.example", "wss"),
        ("http://LocalHost:8000", "localhost:8000", "ws"),
    ],
)
def test_a_page_of_this_site_is_let_in(origin, host, scheme):
    assert is_same_origin(handshake(origin=origin, host=host, scheme=scheme))


@pytest.mark.parametrize(
    "origin",
    [
        None,
        "",
        "null",
        "http://localhost:9999",
        "http://localhost",
        "https://localhost:8000",
        "http://127.0.0.1:8000",
        "http://evil.example",
        "http://localhost:8000.evil.example",
        "http://localhost:8000/",
        "http://user@localhost:8000",
    ],
)
def test_any_other_page_is_refused(origin):
    assert not is_same_origin(handshake(origin=origin))


@pytest.mark.parametrize("host", ["", "evil.example", "evil.example:8000", "localhost:8000:1", "@localhost"])
def test_a_host_that_is_not_ours_is_refused_though_the_origin_agrees(host):
    assert not is_same_origin(handshake(origin=f"http://{host}", host=host))


def test_two_origins_are_refused():
    scope = handshake(origin="http://localhost:8000")
    scope["headers"].append((b"origin", b"http://localhost:8000"))
    assert not is_same_origin(scope)


@pytest.mark.parametrize(("origin", "let_in"), [("https://igentai.example", True), ("http://igentai.example", False)])
def test_a_deployment_wants_https_though_its_proxy_connects_plainly(settings, origin, let_in):
    settings.DEPLOYED = True
    assert is_same_origin(handshake(origin=origin, host="igentai.example")) is let_in


async def test_a_refusal_comes_before_the_handshake_is_accepted():
    sent = []

    async def application(scope, receive, send):
        pytest.fail("the application was called")

    async def receive():
        return {"type": "websocket.connect"}

    async def send(message):
        sent.append(message)

    await SameOriginOnly(application)(handshake(origin="http://evil.example"), receive, send)
    assert sent == [{"type": "websocket.close"}]


async def test_what_is_let_in_reaches_the_application():
    reached = []

    async def application(*arguments):
        reached.append(arguments)

    async def receive():
        return {}

    async def send(message):
        pytest.fail("an answer was sent")

    scope = handshake(origin="http://localhost:8000")
    await SameOriginOnly(application)(scope, receive, send)
    assert reached == [(scope, receive, send)]
