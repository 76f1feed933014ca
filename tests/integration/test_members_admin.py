"""Members as administrators add and change them; nobody gains rights on the way."""

import re

import pytest
from django.contrib.admin.models import LogEntry
from django.contrib.auth.models import Group, Permission, User
from django.urls import reverse

from igentai_site.team.models import Member
from tests.factories import UserFactory
from topics.refusals import role_of

pytestmark = [pytest.mark.storage, pytest.mark.django_db]


@pytest.fixture(autouse=True)
def cheap_passwords(settings):
    """Those that a test sets or tries: each would take a third of a second."""
    settings.PASSWORD_HASHERS = ["django.contrib.auth.hashers.MD5PasswordHasher", *settings.PASSWORD_HASHERS]


@pytest.fixture
def boss():
    return UserFactory(username="boss", role="administrator")


@pytest.fixture
def administrator(client, boss):
    client.force_login(boss)
    return client


def change(client, member, **values):
    form = {"username": member.username, "role": role_of(member), "is_active": "on", **values}
    return client.post(page_of(member), form)


def page_of(member):
    return reverse("admin:auth_user_change", args=[member.pk])


def reset(client, member, password):
    form = {"password1": password, "password2": password, "usable_password": "true"}
    return client.post(reverse("admin:auth_user_password_change", args=[member.pk]), form)


def last_words():
    return LogEntry.objects.latest("id").get_change_message()


def test_adding_a_member_takes_a_name_and_a_role(administrator, client):
    response = administrator.post(
        reverse("admin:auth_user_add"), {"username": "kim", "email": "", "role": "operator"}, follow=True
    )
    shown = re.search(r"First password of kim, shown only now: (\S+)", response.content.decode())
    assert shown
    kim = User.objects.get(username="kim")
    assert (role_of(kim), kim.is_staff, kim.is_superuser, kim.member.must_change_password) == (
        "operator", True, False, True,
    )  # fmt: skip
    assert kim.check_password(shown[1])
    assert last_words() == "Added role “operator”."
    assert shown[1] not in administrator.get(page_of(kim)).content.decode()


def test_the_page_of_a_member_shows_nothing_of_how_the_password_is_stored(administrator):
    kim = UserFactory(role="viewer")
    kim.set_password("salt-and-pepper")
    kim.save()
    page = administrator.get(page_of(kim)).content.decode()
    assert "<strong>Set</strong>" in page
    assert not [words for words in ("algorithm", "md5", "salt", kim.password) if words in page]
    kim.set_unusable_password()
    kim.save()
    assert "None: signs in by no password" in administrator.get(page_of(kim)).content.decode()


@pytest.mark.parametrize("page", ["changelist", "add", "history", "delete"])
def test_pages_call_them_members(administrator, page):
    kim = UserFactory(role="viewer")
    address = reverse(f"admin:auth_user_{page}", args=[kim.pk] if page in ("history", "delete") else [])
    html = administrator.get(address).content.decode()
    assert re.search(r"[Mm]ember", html)
    assert not re.search(r">\s*(Users|Add user|Select user)", html)


@pytest.mark.parametrize("page", ["changelist", "add", "change", "history", "delete"])
def test_pages_call_them_roles(client, page):
    client.force_login(UserFactory(admin=True))
    painters = Group.objects.create(name="painters")
    painters.permissions.add(Permission.objects.get(codename="delete_topic"))
    on_a_list = page in ("changelist", "add")
    html = client.get(reverse(f"admin:auth_group_{page}", args=[] if on_a_list else [painters.pk])).content.decode()
    assert re.search(r"[Rr]ole", html.partition('<main id="content-start"')[2])
    assert not re.search(r"(?i)>\s*(groups?\b|(add|select) group)", html)


def test_of_a_superuser_no_role_is_said_to_be_missing(client):
    boss = UserFactory(admin=True)
    client.force_login(boss)
    html = client.get(page_of(boss)).content.decode()
    assert "A superuser may do everything, whatever the role." in html
    assert "may not sign in" not in html
    assert 'data-field-name="roles"' in html
    assert change(client, boss, is_superuser="on").status_code == 302
    boss.refresh_from_db()
    assert (role_of(boss), boss.is_superuser, boss.is_staff) == ("", True, True)
    assert "none: may not sign in" in client.get(page_of(UserFactory(role="viewer"))).content.decode()


def test_a_change_of_role_is_in_the_log_by_name(administrator):
    kim = UserFactory(role="viewer")
    assert change(administrator, kim, role="operator").status_code == 302
    assert (role_of(kim), last_words()) == ("operator", "Changed role (viewer → operator).")


def test_taking_the_role_away_ends_the_sign_ins(administrator):
    kim = UserFactory(role="viewer")
    change(administrator, kim, role="")
    kim.refresh_from_db()
    assert (role_of(kim), kim.is_staff) == ("", False)


def test_who_gets_a_password_from_an_administrator_changes_it(administrator, boss):
    kim = UserFactory(role="viewer")
    assert reset(administrator, kim, "made up by somebody").status_code == 302
    assert Member.objects.get(user=kim).must_change_password
    assert reset(administrator, boss, "made up by myself").headers["Location"] == reverse("admin:password_change")
    assert not Member.objects.filter(user=boss).exists()


def test_the_list_shows_roles_with_few_queries(administrator, django_assert_max_num_queries):
    UserFactory.create_batch(3, role="viewer")
    administrator.get(reverse("admin:auth_user_changelist"))
    with django_assert_max_num_queries(10) as few:
        administrator.get(reverse("admin:auth_user_changelist"))
    UserFactory.create_batch(5, role="operator")
    with django_assert_max_num_queries(len(few)):
        assert "operator" in administrator.get(reverse("admin:auth_user_changelist")).content.decode()


# Nobody gains rights


def test_an_administrator_cannot_become_a_superuser(administrator, boss):
    everything = Permission.objects.values_list("pk", flat=True)
    assert change(administrator, boss, is_superuser="on", user_permissions=list(everything)).status_code == 302
    boss.refresh_from_db()
    assert (boss.is_superuser, boss.user_permissions.count()) == (False, 0)


@pytest.mark.parametrize("stronger", [{"admin": True}, {"permissions": ["sessions.delete_session"]}])
def test_an_administrator_cannot_touch_who_may_more(administrator, stronger):
    other = UserFactory(**stronger)
    assert reset(administrator, other, "taken over by boss").status_code == 403
    assert change(administrator, other, is_active="").status_code == 403
    assert administrator.post(reverse("admin:auth_user_delete", args=[other.pk]), {"post": "yes"}).status_code == 403
    form = {"action": "delete_selected", "_selected_action": [other.pk], "post": "yes"}
    administrator.post(reverse("admin:auth_user_changelist"), form)
    assert User.objects.filter(pk=other.pk, is_active=True).exists()


def test_the_roles_rights_are_not_edited_by_hand(client):
    client.force_login(UserFactory(admin=True))
    group = Group.objects.get(name="viewer")
    assert client.post(reverse("admin:auth_group_change", args=[group.pk]), {"name": "x"}).status_code == 403
    assert client.post(reverse("admin:auth_group_delete", args=[group.pk]), {"post": "yes"}).status_code == 403
    assert client.post(reverse("admin:auth_group_add"), {"name": "painters"}).status_code == 302


def test_a_superuser_gives_single_rights(client):
    client.force_login(UserFactory(admin=True))
    kim = UserFactory(role="viewer")
    right = Permission.objects.get(codename="delete_topic")
    groups = [group.pk for group in kim.groups.all()]
    change(client, kim, user_permissions=[right.pk], groups=groups)
    assert list(kim.user_permissions.all()) == [right]
    assert role_of(kim) == "viewer"


# Who has a history stays


def test_who_did_anything_is_not_deleted_but_made_inactive(administrator, boss):
    kim = UserFactory(role="operator")
    LogEntry.objects.log_actions(kim.pk, [kim], 2, "Did something")
    html = administrator.post(reverse("admin:auth_user_delete", args=[kim.pk]), {"post": "yes"}).content.decode()
    assert "has a history: make it inactive instead." in html
    assert User.objects.filter(pk=kim.pk).exists()


def test_who_did_nothing_is_deleted(administrator):
    kim = UserFactory(role="operator")
    assert administrator.post(reverse("admin:auth_user_delete", args=[kim.pk]), {"post": "yes"}).status_code == 302
    assert not User.objects.filter(pk=kim.pk).exists()
