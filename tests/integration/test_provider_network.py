"""The network under the adapters: what is read when, where a name may lead, and TLS."""

from __future__ import annotations

import asyncio
import ipaddress
import socket
import ssl
from collections.abc import Iterator
from contextlib import closing as closing_socket
from datetime import UTC, datetime, timedelta

import httpcore2
import httpx2
import pytest
from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec

from producers.providers.errors import Misconfigured, Unreachable
from producers.providers.http import is_behind_proxy
from producers.providers.network import SocketStream
from producers.providers.transport import NAMESAKES
from tests.fakes.asking import ANSWER, OPENAI, closing, collected, heard, text
from tests.fakes.asking import no_proxy as no_proxy
from tests.fakes.replies import Gate, Gated, Split, Streamed, always, in_turn
from tests.fakes.server import ScriptedServer

METADATA = "169.254.169.254"
FORBIDDEN = [METADATA, "fe80::1%1", "fd00:ec2::254", "fd00:ec2::23%1", "168.63.129.16", "::ffff:169.254.169.254"]
HEAD = b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n"
A_DAY = 86_400.0
MOST = 65_536


@pytest.fixture
def ends() -> Iterator[tuple[socket.socket, socket.socket]]:
    ours, theirs = socket.socketpair()
    ours.setblocking(False)
    with closing_socket(ours), closing_socket(theirs):
        yield ours, theirs


class TestReading:
    async def test_the_head_and_the_first_text_are_not_waited_for(self, ends):
        ours, theirs = ends
        stream = SocketStream(ours, gather_seconds=A_DAY)
        theirs.sendall(HEAD)
        assert await stream.read(MOST, 10) == HEAD
        theirs.sendall(b"1\r\na\r\n")
        assert await stream.read(MOST, 10) == b"1\r\na\r\n"

    async def test_while_an_answer_flows_its_pieces_gather(self, ends):
        ours, theirs = ends
        stream = SocketStream(ours)
        theirs.sendall(HEAD + b"1\r\na\r\n")
        assert await stream.read(MOST, 10) == HEAD + b"1\r\na\r\n"
        reading = asyncio.create_task(stream.read(MOST, 10))
        for piece in (b"1\r\nb\r\n", b"1\r\nc\r\n"):
            theirs.sendall(piece)
            await asyncio.sleep(0)
        assert await reading == b"2\r\nbc\r\n"

    async def test_the_deadline_of_a_read_holds_while_pieces_gather(self, ends):
        ours, theirs = ends
        stream = SocketStream(ours, gather_seconds=A_DAY)
        theirs.sendall(HEAD + b"1\r\na\r\n")
        await stream.read(MOST, 10)
        theirs.sendall(b"1\r\nb\r\n")
        with pytest.raises(httpcore2.ReadTimeout):
            await stream.read(MOST, 0.01)

    async def test_after_a_full_read_the_next_comes_at_once(self, ends):
        ours, theirs = ends
        stream = SocketStream(ours, gather_seconds=A_DAY)
        theirs.sendall(HEAD + b"9\r\nabcdefghi\r\n")
        assert (await stream.read(len(HEAD) + 5, 10)).endswith(b"2\r\nab\r\n")
        assert await stream.read(4, 10) == b"4\r\ncdef\r\n"

    async def test_a_silent_server_is_given_up_at_the_deadline(self, ends):
        with pytest.raises(httpcore2.ReadTimeout):
            await SocketStream(ends[0]).read(MOST, 0.01)

    async def test_the_end_is_empty_and_a_broken_connection_an_error(self, ends):
        ours, theirs = ends
        stream = SocketStream(ours)
        theirs.close()
        assert stream.get_extra_info("is_readable")
        assert await stream.read(MOST, 10) == b""
        with pytest.raises(httpcore2.WriteError):
            await stream.write(b"x" * MOST, 10)

    async def test_who_reads_or_writes_is_told_of_a_close(self, ends):
        stream = SocketStream(ends[0])
        acting = [asyncio.create_task(stream.read(MOST)), asyncio.create_task(stream.write(bytes(10_000_000)))]
        await asyncio.sleep(0)
        await stream.aclose()
        await stream.aclose()
        told = await asyncio.gather(*acting, return_exceptions=True)
        assert [type(error) for error in told] == [httpcore2.ReadError, httpcore2.WriteError]
        assert stream.get_extra_info("is_readable")

    async def test_a_large_request_is_sent_as_the_server_takes_it(self, ends):
        ours, theirs = ends
        theirs.setblocking(False)
        sent = bytes(range(256)) * 8_192
        writing = asyncio.create_task(SocketStream(ours).write(sent, 10))
        received = b""
        while len(received) < len(sent):
            received += await asyncio.get_running_loop().sock_recv(theirs, MOST)
        await writing
        assert received == sent


async def test_as_many_requests_run_side_by_side_as_a_producer_may_have():
    gate, most = Gate(), 64
    with ScriptedServer(always(Gated(ANSWER, gate))) as server:
        async with closing(OPENAI.at(server.base_url)) as provider:
            asking = [asyncio.create_task(collected(provider)) for _ in range(most)]
            while len(server.requests) < most:
                await asyncio.sleep(0)
            gate.open()
            answers = await asyncio.gather(*asking)
    assert [text(answer) for answer in answers] == [text(answers[0])] * most


class FakeNames:
    """A resolver that is asked for one name and gives these answers in turn."""

    def __init__(self, *answers: list[str]) -> None:
        self.answers = list(answers)
        self.asked: list[str] = []

    async def __call__(self, host: str, port: int) -> list[str]:
        self.asked.append(host)
        return self.answers.pop(0)


def named(server: ScriptedServer, name: str = "models.example") -> str:
    return server.base_url.replace("127.0.0.1", name)


class TestNames:
    @pytest.mark.parametrize("address", FORBIDDEN)
    async def test_one_that_leads_to_a_forbidden_address_is_refused_for_good(self, address):
        with pytest.raises(Misconfigured, match="link-local address or a metadata service") as caught:
            await heard(OPENAI.at("http://models.example/v1", resolve=FakeNames([address])))
        assert caught.value.terminal

    async def test_the_address_that_was_checked_is_the_one_that_is_called(self):
        names = FakeNames(["127.0.0.1"], [METADATA])
        with ScriptedServer(always(ANSWER)) as server:
            async with closing(OPENAI.at(named(server), resolve=names)) as provider:
                assert await collected(provider)
                await provider.close()
                with pytest.raises(Misconfigured):
                    await collected(provider)
        assert names.asked == ["models.example"] * 2
        assert len(server.requests) == 1
        assert server.requests[0].headers["host"].startswith("models.example:")

    async def test_of_several_addresses_only_those_that_are_allowed_are_called(self):
        with ScriptedServer(always(ANSWER)) as server:
            provider = OPENAI.at(named(server), resolve=FakeNames([METADATA, "127.0.0.1"]))
            assert await heard(provider)

    async def test_where_one_address_refuses_the_next_is_called(self):
        with ScriptedServer(always(ANSWER)) as server:
            assert await heard(OPENAI.at(named(server), resolve=FakeNames(["::1", "127.0.0.1"])))

    async def test_a_name_without_an_address_may_have_one_later(self):
        with pytest.raises(Unreachable, match="no address"):
            await heard(OPENAI.at("http://models.example/v1", resolve=FakeNames([])))

    async def test_an_address_is_not_looked_up(self):
        names = FakeNames()
        with ScriptedServer(always(ANSWER)) as server:
            assert await heard(OPENAI.at(server.base_url, resolve=names))
        assert names.asked == []


class TestProxies:
    @pytest.mark.parametrize(
        ("url", "expected"),
        [
            ("https://api.example/v1", True),
            ("http://api.example/v1", False),
            ("https://inside.example/v1", False),
            ("https://localhost/v1", False),
        ],
    )
    def test_what_the_environment_says_of_a_url(self, monkeypatch, url, expected):
        monkeypatch.setenv("HTTPS_PROXY", "http://proxy.example:3128")
        monkeypatch.setenv("NO_PROXY", "inside.example")
        assert is_behind_proxy(httpx2.URL(url)) == expected

    async def test_no_proxy_is_asked_for_a_server_of_this_machine(self, monkeypatch):
        monkeypatch.setenv("HTTP_PROXY", "http://127.0.0.1:1")
        with ScriptedServer(always(ANSWER)) as server:
            assert await heard(OPENAI.at(server.base_url))

    async def test_a_proxy_is_asked_for_what_lies_behind_it(self, monkeypatch):
        with ScriptedServer(always(ANSWER)) as proxy:
            monkeypatch.setenv("HTTP_PROXY", proxy.base_url.removesuffix("/v1"))
            assert await heard(OPENAI.at("http://models.example/v1", resolve=FakeNames()))
        assert proxy.requests[0].path == "http://models.example/v1/chat/completions"


def authority(host: str) -> tuple[bytes, bytes]:
    """A key and a certificate for `host` that signs itself, as PEM."""
    key = ec.generate_private_key(ec.SECP256R1())
    name = x509.Name([x509.NameAttribute(x509.NameOID.COMMON_NAME, host)])
    now = datetime.now(UTC)
    certificate = (
        x509.CertificateBuilder()
        .subject_name(name)
        .issuer_name(name)
        .public_key(key.public_key())
        .serial_number(x509.random_serial_number())
        .not_valid_before(now - timedelta(days=1))
        .not_valid_after(now + timedelta(days=1))
        .add_extension(x509.SubjectAlternativeName([x509.IPAddress(ipaddress.ip_address(host))]), critical=False)
        .add_extension(x509.BasicConstraints(ca=True, path_length=None), critical=True)
        .sign(key, hashes.SHA256())
    )
    plain = serialization.NoEncryption()
    secret = key.private_bytes(serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, plain)
    return secret, certificate.public_bytes(serialization.Encoding.PEM)


class TestTLS:
    @pytest.fixture
    def files(self, tmp_path):
        for path, pem in zip(
            (tmp_path / "key.pem", tmp_path / "certificate.pem"), authority("127.0.0.1"), strict=True
        ):
            path.write_bytes(pem)
        return tmp_path

    @pytest.fixture
    def tls(self, files):
        context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
        context.load_cert_chain(files / "certificate.pem", files / "key.pem")
        return context

    @pytest.fixture
    def trusted(self, files, monkeypatch):
        monkeypatch.setenv("SSL_CERT_FILE", str(files / "certificate.pem"))

    @pytest.mark.parametrize("reply", [ANSWER, Split(ANSWER), Streamed(("an entry\n",) * 20_000)])
    @pytest.mark.usefixtures("trusted")
    async def test_an_answer_reads_the_same_under_tls(self, tls, reply):
        with ScriptedServer(always(reply), tls=tls) as server:
            async with closing(OPENAI.at(server.base_url)) as provider:
                said = [await collected(provider) for _ in range(2)]
        assert said[0] == said[1] == await OPENAI.hear(reply)
        assert [request.connection for request in server.requests] == [1, 1]

    @pytest.mark.usefixtures("trusted")
    async def test_requests_run_side_by_side_and_may_be_cut(self, tls):
        gate = Gate()
        with ScriptedServer(in_turn(Gated(ANSWER, gate), ANSWER), tls=tls) as server:
            async with closing(OPENAI.at(server.base_url)) as provider:
                waiting = asyncio.create_task(collected(provider))
                while not server.requests:
                    await asyncio.sleep(0)
                assert text(await collected(provider))
                waiting.cancel()
                with pytest.raises(asyncio.CancelledError):
                    await waiting
            gate.open()

    async def test_a_certificate_that_nobody_vouches_for_is_not_trusted(self, tls):
        with ScriptedServer(always(ANSWER), tls=tls) as server, pytest.raises(Unreachable, match="CERTIFICATE"):
            await heard(OPENAI.at(server.base_url))
        assert server.requests == []


def test_every_error_of_the_pool_has_its_namesake_in_the_library_above():
    exported = {item for item in vars(httpcore2).values() if isinstance(item, type) and issubclass(item, Exception)}
    assert exported - NAMESAKES.keys() == {httpcore2.ConnectionNotAvailable}, "which the pool keeps to itself"
