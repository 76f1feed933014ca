"""How mail leaves, from one variable; a wrong one is refused, and its password never shown."""

import pytest
from django.core.exceptions import ImproperlyConfigured

from igentai_site.env import read_seconds
from igentai_site.jobs import cluster_settings
from igentai_site.mail import Mail, mail_settings


def test_without_a_variable_nothing_is_mailed():
    assert mail_settings({}) == Mail()
    assert not mail_settings({"EMAIL_FROM": "a@example.org"}).configured


@pytest.mark.parametrize(
    ("url", "port", "starttls", "tls"),
    [
        ("smtp://mail.example", 25, False, False),
        ("smtp+tls://mail.example", 587, True, False),
        ("smtps://mail.example", 465, False, True),
        ("smtp://mail.example:2525", 2525, False, False),
    ],
)
def test_a_mail_server(url, port, starttls, tls):
    mail = mail_settings({"EMAIL_URL": url, "EMAIL_FROM": "igentai@example.org"})
    assert mail.configured
    assert (mail.host, mail.port, mail.starttls, mail.tls) == ("mail.example", port, starttls, tls)
    assert mail.sender == "igentai@example.org"


def test_user_and_password_may_hold_any_character():
    mail = mail_settings({"EMAIL_URL": "smtp+tls://me%40example.org:p%2Fa%3As@mail.example"})
    assert (mail.user, mail.password) == ("me@example.org", "p/a:s")


def test_a_folder_and_the_terminal():
    assert mail_settings({"EMAIL_URL": "file:///tmp/mail"}).folder == "/tmp/mail"
    assert mail_settings({"EMAIL_URL": "console://"}).backend.endswith("console.EmailBackend")


@pytest.mark.parametrize(
    "url", ["mail.example", "http://:hunter2@mail.example", "smtp://", "file:", "smtp://u:hunter2@mail.example:x"]
)
def test_what_is_wrong_is_refused_without_the_password(url):
    with pytest.raises(ImproperlyConfigured) as refusal:
        mail_settings({"EMAIL_URL": url})
    assert "EMAIL_URL" in str(refusal.value)
    assert "hunter2" not in str(refusal.value)


def test_links_need_an_address_of_the_web():
    assert mail_settings({"IGENTAI_URL": "https://igentai.example/"}).portal_url == "https://igentai.example"
    with pytest.raises(ImproperlyConfigured, match="IGENTAI_URL"):
        mail_settings({"IGENTAI_URL": "javascript:alert(1)"})


@pytest.mark.parametrize(("word", "seconds"), [("", 120.0), ("5", 5.0), (" 0.5 ", 0.5)])
def test_seconds(word, seconds):
    assert read_seconds({"X": word}, "X", default=120.0) == seconds


@pytest.mark.parametrize("word", ["0", "-1", "soon", "inf", "nan"])
def test_what_are_no_seconds_is_refused(word):
    with pytest.raises(ImproperlyConfigured, match=r"IGENTAI_JOBS_SILENCE=.* use a number"):
        read_seconds({"IGENTAI_JOBS_SILENCE": word}, "IGENTAI_JOBS_SILENCE", default=120.0)


def test_no_task_is_handed_out_again_while_it_may_still_run():
    """It is locked while it waits for the one before it, and then while it runs."""
    settings = cluster_settings()
    longest_wait = settings["timeout"] * settings["queue_limit"] / settings["workers"]
    assert settings["retry"] > longest_wait + settings["timeout"]
    assert settings["ack_failures"]
    assert settings["max_attempts"]
    assert not settings["catch_up"]
