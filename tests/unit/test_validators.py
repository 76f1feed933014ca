"""What people may write into a provider's fields."""

import pytest
from django.core.exceptions import ValidationError

from producers.validators import validate_base_url, validate_key_variable


@pytest.mark.parametrize(
    "url",
    [
        "https://api.openai.com/v1",
        "http://127.0.0.1:11434/v1",
        "http://localhost:8000/v1/",
        "http://[::1]:8000/v1",
        "http://10.0.0.5:8000",
        "https://my-server.example.org./openai/v1",
        "http://model_server:8000/v1",
        "https://xn--bcher-kva.example/v1",
    ],
)
def test_an_address_of_a_server_is_taken(url):
    validate_base_url(url)


@pytest.mark.parametrize(
    "url",
    [
        "",
        "api.openai.com/v1",
        "ftp://example.org",
        "file:///etc/passwd",
        "gopher://127.0.0.1:6379/_",
        "http://",
        "https:///v1",
        "http://host:0/",
        "http://host:99999/",
        "http://host:port/",
        "http://[::1/",
        "http://exa mple.org",
        "http://example.org\t/v1",
        "http://example.org/\r\nX-Header: 1",
        "http://example.org\\@169.254.169.254/",
        "http://example.org/\u202e",
    ],
)
def test_what_is_no_web_address_is_refused(url):
    with pytest.raises(ValidationError, match="begins with http"):
        validate_base_url(url)


@pytest.mark.parametrize(
    "host",
    [
        "169.254.169.254",
        "169.254.0.1",
        "169.254.169.254.",
        "2852039166",
        "0xA9FEA9FE",
        "0xa9.0xfe.0xa9.0xfe",
        "0251.0376.0251.0376",
        "169.254.43518",
        "169.16689662",
        "[fe80::1]",
        "[fe80::1%25eth0]",
        "[febf::1]",
        "[::ffff:169.254.169.254]",
        "[::169.254.169.254]",
        "[64:ff9b::a9fe:a9fe]",
        "[2002:a9fe:a9fe::1]",
        "[fd00:ec2::254]",
        "[fd00:ec2::254%25eth0]",
        "[fd00:ec2::23]",
        "[fd20:ce::254]",
        "100.100.100.200",
        "168.63.129.16",
        "[::ffff:168.63.129.16]",
        "metadata.google.internal",
        "METADATA.Google.Internal.",
        "metadata.goog",
    ],
)
@pytest.mark.parametrize("form", ["http://{}/v1", "https://{}:8443/latest/meta-data"])
def test_the_machines_own_network_is_refused_however_it_is_spelt(host, form):
    with pytest.raises(ValidationError, match="own network"):
        validate_base_url(form.format(host))


@pytest.mark.parametrize(
    "url", ["http://１６９.254.169.254/", "http://169。254。169。254/", "http://a%2eb/", "http://bücher.de"]
)
def test_a_host_in_other_characters_is_refused(url):
    with pytest.raises(ValidationError, match="letters of A to Z"):
        validate_base_url(url)


@pytest.mark.parametrize(
    "url",
    [
        "https://me@example.org/v1",
        "https://me:secret@example.org/v1",
        "https://@example.org/v1",
        "https://example.org/v1?key=1",
        "https://example.org/v1?",
        "https://example.org/v1#part",
        "https://example.org/v1#",
    ],
)
def test_what_a_key_could_be_told_by_is_refused_without_repeating_it(url):
    with pytest.raises(ValidationError, match="must not hold a user name") as refusal:
        validate_base_url(url)
    assert "secret" not in str(refusal.value)


def test_a_variable_of_a_key_is_named_as_one():
    validate_key_variable("TEAM_API_KEY")


@pytest.mark.parametrize(
    "text", ["", "DJANGO_SECRET_KEY", "team_api_key", "sk-0123456789", "TEAM_API_KEY2", "_API_KEY"]
)
def test_another_variable_or_the_key_itself_is_refused(text):
    with pytest.raises(ValidationError, match="ends in _API_KEY"):
        validate_key_variable(text)
