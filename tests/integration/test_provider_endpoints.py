"""Where every adapter asks, with which key and with which options."""

from __future__ import annotations

from typing import Any

import pytest

from producers.link.messages import ProviderSpec
from producers.providers import anthropic, gemini, openai
from producers.providers.addresses import is_forbidden
from producers.providers.endpoint import Endpoint, find_endpoint
from producers.providers.errors import KeyRejected, Misconfigured
from producers.providers.http_provider import HTTPProvider
from producers.providers.registry import make_provider
from producers.providers.vendors import Vendor
from tests.fakes.asking import ADAPTERS, ANSWER, KEY, Adapter, heard
from tests.fakes.asking import no_proxy as no_proxy
from tests.fakes.replies import Status, always

OPENAI, ANTHROPIC, GEMINI = openai.VENDOR, anthropic.VENDOR, gemini.VENDOR
LOCAL = "http://127.0.0.1:8080/v1"


@pytest.fixture(params=ADAPTERS, ids=lambda adapter: adapter.name)
def adapter(request) -> Adapter:
    row: Adapter = request.param
    return row


@pytest.fixture
def vendor(adapter) -> Vendor:
    found: Vendor = adapter.dialect.vendor
    return found


def spec(
    base_url: str = "", key_variable: str = "", *, kind: str = "openai", options: dict[str, Any] | None = None
) -> ProviderSpec:
    return ProviderSpec(
        name="p", kind=kind, model="m", base_url=base_url, key_variable=key_variable, options=options or {}
    )


class TestEveryVendor:
    def test_its_own_variables_lead_to_it_and_to_the_environments_server(self, vendor):
        key, url = vendor.key_variable, vendor.base_url_variable
        theirs = f"https://{vendor.key_host}{vendor.version or '/v1'}"
        assert find_endpoint(vendor, spec(), {key: f" {KEY}\n"}) == Endpoint(theirs, KEY)
        assert find_endpoint(vendor, spec(), {url: f"{LOCAL}/", key: KEY}) == Endpoint(LOCAL, KEY)
        assert find_endpoint(vendor, spec(LOCAL), {url: LOCAL, key: KEY}) == Endpoint(LOCAL, KEY)
        assert find_endpoint(vendor, spec(), {url: LOCAL}) == Endpoint(LOCAL)

    def test_its_key_goes_to_no_other_base_url_unless_the_provider_names_one_of_its_own(self, vendor):
        key, url = vendor.key_variable, vendor.base_url_variable
        assert find_endpoint(vendor, spec(LOCAL), {key: KEY}) == Endpoint(LOCAL)
        assert find_endpoint(vendor, spec(LOCAL, key), {key: KEY}) == Endpoint(LOCAL)
        assert find_endpoint(vendor, spec(LOCAL), {key: KEY, url: "http://127.0.0.1:9999/v1"}) == Endpoint(LOCAL)
        assert find_endpoint(vendor, spec(LOCAL, "MINE"), {key: "other", "MINE": KEY}) == Endpoint(LOCAL, KEY)
        assert find_endpoint(vendor, spec(LOCAL, "MINE"), {key: "other"}) == Endpoint(LOCAL)
        assert find_endpoint(vendor, spec("", "MINE"), {"MINE": KEY}).key == KEY

    def test_the_vendor_itself_needs_a_key(self, vendor):
        key, url = vendor.key_variable, vendor.base_url_variable
        with pytest.raises(Misconfigured, match=f"{key} is not set"):
            find_endpoint(vendor, spec(), {})
        with pytest.raises(Misconfigured, match="MINE is not set"):
            find_endpoint(vendor, spec("", "MINE"), {key: KEY})
        with pytest.raises(Misconfigured, match=url):
            find_endpoint(vendor, spec(vendor.base_url), {key: KEY, url: LOCAL})

    @pytest.mark.parametrize(
        "base_url",
        [
            "nonsense",
            "ftp://127.0.0.1/v1",
            "file:///etc/passwd",
            "http://",
            "http://[::1",
            "http://127.0.0.1/\x00",
            "http://user:canary@127.0.0.1/v1",
            "http://127.0.0.1/v1?key=canary",
            "http://127.0.0.1/v1#canary",
            "http://169.254.169.254/canary",
            "http://0xa9fea9fe:80",
            "http://[fd00:ec2::254]/v1",
            "http://Metadata.Google.Internal./v1",
            "{vendor}",
        ],
    )
    def test_a_base_url_that_cannot_be_meant_is_refused_without_repeating_it(self, vendor, base_url):
        url = base_url.replace("{vendor}", f"http://{vendor.key_host}/v1")
        for provider, environ in ((spec(url, "MINE"), {"MINE": KEY}), (spec(), {vendor.base_url_variable: url})):
            with pytest.raises(Misconfigured, match="base URL") as caught:
                find_endpoint(vendor, provider, environ)
            assert "canary" not in str(caught.value)

    @pytest.mark.parametrize("value", ["sk canary", "sk-canary\nx: y", "clé-canary"])
    def test_a_value_that_is_no_key_is_refused_without_repeating_it(self, vendor, value):
        with pytest.raises(Misconfigured, match=vendor.key_variable) as caught:
            find_endpoint(vendor, spec(), {vendor.key_variable: value})
        assert "canary" not in str(caught.value)

    def test_the_key_is_not_in_the_representation(self, vendor):
        assert KEY not in repr(find_endpoint(vendor, spec(), {vendor.key_variable: KEY}))


@pytest.mark.parametrize(
    ("vendor", "given", "expected"),
    [
        (OPENAI, "http://h:1/v1/", "http://h:1/v1"),
        (OPENAI, "http://h:1/api", "http://h:1/api"),
        (OPENAI, "https://API.openai.com/v1/", "https://api.openai.com/v1"),
        (ANTHROPIC, "http://h:1", "http://h:1/v1"),
        (ANTHROPIC, "http://h:1/", "http://h:1/v1"),
        (ANTHROPIC, "http://h:1/v1", "http://h:1/v1"),
        (ANTHROPIC, "http://h:1/anthropic", "http://h:1/anthropic/v1"),
        (GEMINI, "http://h:1", "http://h:1/v1beta"),
        (GEMINI, "http://h:1/v1beta/", "http://h:1/v1beta"),
        (GEMINI, "http://h:1/v1", "http://h:1/v1"),
        (GEMINI, "http://h:1/v1main", "http://h:1/v1main"),
        (GEMINI, "http://[::1]:8080", "http://[::1]:8080/v1beta"),
    ],
)
def test_a_version_may_be_written_or_left_out(vendor, given, expected):
    assert find_endpoint(vendor, spec(given, "MINE"), {"MINE": KEY}) == Endpoint(expected, KEY)


def test_a_base_url_is_the_same_with_and_without_its_version():
    environ = {"ANTHROPIC_BASE_URL": "http://h:1/v1/", "ANTHROPIC_API_KEY": KEY}
    assert find_endpoint(ANTHROPIC, spec("http://h:1"), environ).key == KEY


@pytest.mark.parametrize(
    ("base_url", "origin"),
    [
        ("http://h/v1", "http://h:80"),
        ("https://H/v1", "https://h:443"),
        ("https://h:8443/some/path", "https://h:8443"),
        ("http://[::1]:8080/v1", "http://[::1]:8080"),
    ],
)
def test_an_origin_is_scheme_host_and_port(base_url, origin):
    assert Endpoint(base_url).origin == origin


@pytest.mark.parametrize(
    "host",
    [
        "169.254.0.1",
        "169.254.169.254",
        "169.254.169.254.",
        "2852039166",
        "0xa9fea9fe",
        "0xA9.0xFE.0xA9.0xFE",
        "0251.0376.0251.0376",
        "169.254.43518",
        "::ffff:169.254.169.254",
        "64:ff9b::169.254.169.254",
        "2002:a9fe:a9fe::1",
        "fe80::1",
        "[fe80::1]",
        "febf::1",
        "fd00:ec2::254",
        "FD00:EC2:0::254",
        "metadata.google.internal",
        "Metadata.Google.Internal.",
    ],
)
def test_link_local_addresses_and_metadata_services_are_forbidden_in_every_spelling(host):
    assert is_forbidden(host)


@pytest.mark.parametrize(
    "host",
    ["localhost", "127.0.0.1", "::1", "10.0.0.1", "192.168.1.1", "172.16.0.1", "fd00::1", "api.openai.com", "9a"],
)
def test_localhost_private_networks_and_names_are_allowed(host):
    assert not is_forbidden(host)


class TestWhoIsTold:
    async def test_a_refusal_for_want_of_a_key_names_the_variable_that_is_not_set(self, adapter):
        variable = adapter.dialect.vendor.key_variable
        with adapter.serving(always(Status(401, {"error": {"message": "who are you?"}}))) as server:
            environ = {adapter.dialect.vendor.base_url_variable: server.base_url}
            with pytest.raises(KeyRejected, match=rf"{variable} is not set; 401 Unauthorized: who are you\?"):
                await heard(built(adapter, spec(kind=adapter.name), environ))
            with pytest.raises(KeyRejected, match="MINE is not set"):
                await heard(built(adapter, spec(server.base_url, "MINE", kind=adapter.name), {variable: KEY}))
            with pytest.raises(KeyRejected, match=f"{variable} belongs to"):
                await heard(built(adapter, spec(server.base_url, kind=adapter.name), {variable: KEY}))
        assert KEY not in str([request.headers for request in server.requests])

    async def test_a_key_that_was_sent_is_not_called_missing(self, adapter):
        error = await adapter.fail(Status(401))
        assert str(error) == "401 Unauthorized"

    async def test_the_environments_key_is_sent_to_the_environments_base_url(self, adapter):
        vendor = adapter.dialect.vendor
        with adapter.serving(always(ANSWER)) as server:
            environ = {vendor.base_url_variable: server.base_url, vendor.key_variable: KEY}
            await heard(built(adapter, spec(kind=adapter.name), environ))
        name, value = adapter.key_header
        assert server.requests[0].headers[name] == value


class TestOptions:
    @pytest.mark.parametrize("name", ["temprature", "seed", "max_tokens"])
    def test_an_unknown_one_is_refused_by_name(self, adapter, name):
        with pytest.raises(Misconfigured, match=f"{name}.*options: {', '.join(adapter.dialect.options) or 'none'}"):
            built(adapter, spec(LOCAL, kind=adapter.name, options={name: 1}), {})

    @pytest.mark.parametrize("value", ["1", True, None, [1], float("nan"), float("inf"), -0.1, 2.1, 10**400])
    @pytest.mark.parametrize("kind", ["openai", "gemini"])
    def test_one_of_a_wrong_type_is_refused_by_name(self, kind, value):
        with pytest.raises(Misconfigured, match="temperature must be a number from 0 to 2"):
            make_provider(spec(LOCAL, kind=kind, options={"temperature": value}), {})

    @pytest.mark.parametrize("kind", ["openai", "gemini"])
    def test_those_that_are_known_are_taken(self, kind):
        assert make_provider(spec(LOCAL, kind=kind, options={"temperature": 1, "top_p": 0.9}), {})


def built(adapter: Adapter, provider: ProviderSpec, environ: dict[str, str]) -> HTTPProvider:
    made = make_provider(provider, environ)
    assert isinstance(made, HTTPProvider)
    return made


def test_an_unknown_kind_is_refused_with_those_that_are_known():
    with pytest.raises(Misconfigured, match="anthropic, gemini, openai, simulated"):
        make_provider(spec(kind="nonsense"), {})
