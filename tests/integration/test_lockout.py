"""Who fails to sign in too often waits, and nobody else does; an unlock ends it."""

from datetime import timedelta
from io import StringIO

import pytest
from axes.models import AccessAttempt
from django.contrib.auth.signals import user_login_failed
from django.core.management import CommandError, call_command
from django.urls import reverse
from django.utils import timezone

from igentai_site.team.limits import ADDRESS_LIMIT, COOL_OFF, NAME_LIMIT, PAIR_LIMIT
from igentai_site.team.models import AuditEvent
from igentai_site.team.turns import sign_ins
from tests.factories import UserFactory

pytestmark = [pytest.mark.storage, pytest.mark.django_db]


@pytest.fixture(autouse=True)
def cheap_passwords(settings):
    """Those that a test sets or tries: each would take a third of a second."""
    settings.PASSWORD_HASHERS = ["django.contrib.auth.hashers.MD5PasswordHasher", *settings.PASSWORD_HASHERS]


Kind = AuditEvent.Kind
WRONG = "not the password"
HERE, ELSEWHERE = "192.0.2.1", "198.51.100.7"


@pytest.fixture
def member():
    return UserFactory(username="kim", role="viewer")


def try_to_sign_in(client, name="kim", password=WRONG, address=HERE, **headers):
    form = {"username": name, "password": password}
    return client.post(reverse("admin:login"), form, REMOTE_ADDR=address, headers=headers)


def fail(client, times, **attempt):
    return [try_to_sign_in(client, **attempt).status_code for _ in range(times)]


def failed_before(number, name="kim", address=HERE, ago=timedelta(0)):
    attempt = AccessAttempt.objects.create(
        username=name, ip_address=address, user_agent=f"{number} {ago}", failures_since_start=number
    )
    AccessAttempt.objects.filter(pk=attempt.pk).update(attempt_time=timezone.now() - ago)


def signs_in(client, **attempt):
    return try_to_sign_in(client, password="password", **attempt).status_code == 302


def test_after_five_failures_even_the_right_password_waits(client, member):
    assert fail(client, PAIR_LIMIT) == [200] * (PAIR_LIMIT - 1) + [429]
    response = try_to_sign_in(client, password="password")
    html = response.content.decode()
    assert response.status_code == 429
    assert "Too many failed sign-ins" in html
    assert "as <strong><bdi>kim</bdi></strong> from here is locked for" in " ".join(html.split())
    assert 0 < int(response.headers["Retry-After"]) <= COOL_OFF.total_seconds()


def test_a_lock_is_for_that_name_from_that_address_only(client, member):
    UserFactory(username="sam", role="viewer")
    fail(client, PAIR_LIMIT)
    assert signs_in(client, address=ELSEWHERE)
    client.logout()
    assert signs_in(client, name="sam")


def test_many_attempts_at_once_are_judged_one_after_the_other(client, member):
    taken = []

    def look(**kwargs):
        taken.append(f"address {HERE}" in sign_ins and "name kim" in sign_ins)

    user_login_failed.connect(look)
    try:
        fail(client, 2)
    finally:
        user_login_failed.disconnect(look)
    assert taken == [True, True]
    assert f"address {HERE}" not in sign_ins


def test_another_browser_does_not_help_a_guesser(client, member):
    for number in range(PAIR_LIMIT):
        try_to_sign_in(client, **{"user-agent": f"browser {number}"})
    assert not signs_in(client)


def test_it_is_over_after_a_while_and_trying_on_does_not_make_it_longer(client, member):
    failed_before(PAIR_LIMIT, ago=COOL_OFF - timedelta(minutes=1))
    response = try_to_sign_in(client)
    assert (response.status_code, int(response.headers["Retry-After"]) <= 60) == (429, True)
    AccessAttempt.objects.update(attempt_time=timezone.now() - COOL_OFF - timedelta(seconds=1))
    assert signs_in(client)


def test_one_address_cannot_try_every_name(client, member):
    for number in range(ADDRESS_LIMIT):
        failed_before(1, name=f"name {number}")
    assert not signs_in(client)
    assert signs_in(client, address=ELSEWHERE)


def test_one_name_cannot_be_tried_from_every_address(client, member):
    for number in range(NAME_LIMIT // 4):
        failed_before(4, address=f"203.0.113.{number}")
    assert not signs_in(client)


def test_who_succeeds_starts_anew_but_not_for_others_at_the_address(client, member):
    UserFactory(username="sam", role="viewer")
    fail(client, PAIR_LIMIT - 1)
    fail(client, 2, name="sam")
    assert signs_in(client)
    assert set(AccessAttempt.objects.values_list("username", flat=True)) == {"sam"}


def test_a_client_cannot_choose_its_address_unless_a_proxy_says_it(client, member, settings):
    for number in range(PAIR_LIMIT):
        try_to_sign_in(client, **{"x-forwarded-for": f"203.0.113.{number}"})
    assert not signs_in(client)


def test_behind_a_proxy_what_it_added_last_counts(client, member, settings):
    settings.DEPLOYED = True
    for number in range(PAIR_LIMIT):
        try_to_sign_in(client, address="127.0.0.1", **{"x-forwarded-for": f"203.0.113.{number}, {HERE}"})
    assert not signs_in(client, address="127.0.0.1", **{"x-forwarded-for": HERE})
    assert signs_in(client, address="127.0.0.1", **{"x-forwarded-for": ELSEWHERE})


def test_no_password_is_kept(client, member):
    try_to_sign_in(client, password="secret thing")
    attempt = AccessAttempt.objects.get()
    assert "secret thing" not in f"{attempt.post_data}{attempt.get_data}"


# The old password, which the page for a new one asks for


def try_to_change(client, old=WRONG, new="a longer and better one", address=HERE):
    form = {"old_password": old, "new_password1": new, "new_password2": new}
    return client.post(reverse("admin:password_change"), form, REMOTE_ADDR=address)


def test_who_has_taken_over_a_session_does_not_guess_the_password_without_limit(client, member):
    client.force_login(member)
    answers = [try_to_change(client) for _ in range(PAIR_LIMIT)]
    assert [answer.status_code for answer in answers] == [200] * (PAIR_LIMIT - 1) + [429]
    assert "Your old password was entered incorrectly." in answers[0].content.decode()
    locked = try_to_change(client, old="password")
    assert (locked.status_code, "You stay signed in." in locked.content.decode()) == (429, True)
    assert type(member).objects.get().password == member.password
    assert client.get(reverse("admin:index")).status_code == 200
    assert set(AuditEvent.objects.filter(kind=Kind.FAILED).values_list("user", "detail")) == {
        (member.pk, "With a session, as the old password for a new one.")
    }


def test_it_is_one_count_with_the_failures_to_sign_in(client, member):
    fail(client, PAIR_LIMIT - 1)
    client.force_login(member)
    assert try_to_change(client).status_code == 429
    client.logout()
    assert not signs_in(client)
    assert signs_in(client, address=ELSEWHERE)


def test_many_old_passwords_at_once_are_judged_one_after_the_other(client, member):
    taken = []

    def look(**kwargs):
        taken.append(f"address {HERE}" in sign_ins and "name kim" in sign_ins)

    client.force_login(member)
    user_login_failed.connect(look)
    try:
        try_to_change(client)
    finally:
        user_login_failed.disconnect(look)
    assert taken == [True]
    assert f"address {HERE}" not in sign_ins


def test_who_changes_the_password_starts_anew(client, member):
    client.force_login(member)
    try_to_change(client)
    assert try_to_change(client, old="password").status_code == 302
    assert not AccessAttempt.objects.exists()


def test_neither_the_old_nor_the_new_password_is_kept(client, member):
    client.force_login(member)
    try_to_change(client, old="secret thing", new="secret wish")
    try_to_change(client, old="secret thing", new="secret wish")
    attempt = AccessAttempt.objects.get()
    assert attempt.failures_since_start == 2
    assert "secret" not in f"{attempt.post_data}{attempt.get_data}"


# What is recorded


def kinds():
    return list(AuditEvent.objects.order_by("id").values_list("kind", "name", "address"))


def test_failures_are_recorded_until_the_lock_and_not_beyond(client, member):
    fail(client, PAIR_LIMIT + 3)
    failure = (Kind.FAILED, "kim", HERE)
    assert kinds() == [failure] * PAIR_LIMIT + [(Kind.LOCKED_OUT, "kim", HERE)]
    assert set(AuditEvent.objects.values_list("user", flat=True)) == {member.pk}


def test_names_that_nobody_has_are_recorded_as_such(client):
    try_to_sign_in(client, name="nobody")
    event = AuditEvent.objects.get()
    assert (event.name, event.user, event.detail) == ("nobody", None, "There is nobody of this name.")


def test_coming_and_going_is_recorded(client, member):
    assert signs_in(client)
    client.post(reverse("admin:logout"), REMOTE_ADDR=HERE)
    assert kinds() == [(Kind.SIGNED_IN, "kim", HERE), (Kind.SIGNED_OUT, "kim", HERE)]


# Unlocking


def test_the_command_unlocks_a_member(client, member):
    fail(client, PAIR_LIMIT)
    output = StringIO()
    call_command("unlock_member", "kim", stdout=output)
    assert output.getvalue() == "Failed sign-ins that are forgotten: 5\n"
    assert signs_in(client)
    event = AuditEvent.objects.get(kind=Kind.UNLOCKED)
    assert (event.name, event.user, event.detail) == ("kim", member, "By the command line.")


def test_the_command_unlocks_an_address(client, member):
    fail(client, PAIR_LIMIT)
    call_command("unlock_member", address=HERE, stdout=StringIO())
    assert signs_in(client)


@pytest.mark.parametrize("arguments", [{}, {"address": "here"}])
def test_the_command_wants_to_know_whom(arguments):
    with pytest.raises(CommandError):
        call_command("unlock_member", **arguments)


def test_an_administrator_unlocks_members_in_the_portal(client, member):
    fail(client, PAIR_LIMIT)
    client.force_login(UserFactory(username="boss", role="administrator"))
    form = {"action": "unlock_selected", "_selected_action": [member.pk]}
    assert client.post(reverse("admin:auth_user_changelist"), form).status_code == 302
    client.logout()
    assert signs_in(client)
    assert AuditEvent.objects.get(kind=Kind.UNLOCKED).detail == "By boss."


def test_pages_do_not_pay_for_it(client, member, django_assert_num_queries):
    client.force_login(member)
    client.get(reverse("admin:index"))
    with django_assert_num_queries(2) as queries:  # session and user
        client.get(reverse("admin:jsi18n"))
    assert "team_member" in queries[1]["sql"]


def test_a_failure_says_the_same_whether_there_is_such_a_member(client, member):
    said = [try_to_sign_in(client, name).context["form"].non_field_errors() for name in ("kim", "nobody")]
    assert said[0] == said[1]
    assert "The name or the password is wrong" in said[0][0]
