"""The groups of the roles follow the table in the code, after each migrate."""

import pytest
from django.apps import apps
from django.contrib.auth.models import Group, Permission
from django.core.management import call_command

from igentai_site.team import roles
from igentai_site.team.granting import give_role
from igentai_site.team.roles import TABLE, Row, permissions_of
from tests.factories import UserFactory
from topics.refusals import ROLES, refusal, role_of

pytestmark = [pytest.mark.storage, pytest.mark.django_db]

# What belongs to the framework and has no page; all else that is installed is ours to think of.
FRAMEWORK = {"admin", "auth", "contenttypes", "sessions", "axes"}


def rights(group):
    names = Group.objects.get(name=group).permissions.values_list("content_type__app_label", "codename")
    return {f"{app}.{codename}" for app, codename in names}


def existing(permissions):
    known = Permission.objects.values_list("content_type__app_label", "codename")
    return set(permissions) & {f"{app}.{codename}" for app, codename in known}


def test_every_model_of_ours_has_its_row():
    models = {model._meta.label for model in apps.get_models() if model._meta.app_label not in FRAMEWORK}
    forgotten = models - {row.model for row in TABLE}
    assert not forgotten, f"say in igentai_site/team/roles.py who may do what with {sorted(forgotten)}"


def test_a_model_that_exists_is_spelt_as_it_is_called():
    for row in TABLE:
        app, name = row.model.split(".")
        if apps.is_installed(app) and name.lower() in apps.all_models[app]:
            assert apps.get_model(row.model)._meta.label == row.model


@pytest.mark.parametrize("role", ROLES)
def test_each_group_has_what_the_table_says(role):
    assert rights(role) == existing(permissions_of(role)) != set()


@pytest.mark.parametrize(
    ("permission", "least"),
    [
        ("topics.view_topic", "viewer"),  # pages, notifications, API, metrics
        ("topics.view_attribute", "viewer"),  # entries, exports and downloads
        ("orchestration.view_decision", "viewer"),
        ("producers.view_provider", "viewer"),
        ("topics.add_topic", "operator"),
        ("topics.change_topic", "operator"),  # its commands and schedules, too
        ("topics.change_attribute", "operator"),  # to review and correct entries
        ("topics.add_topicpartition", "operator"),
        ("topics.change_topicpartition", "operator"),  # to leave parts out
        ("producers.change_producer", "operator"),  # to restart it
        ("producers.change_providerweight", "operator"),
        ("topics.delete_topic", "administrator"),
        ("producers.change_provider", "administrator"),
        ("auth.change_user", "administrator"),
        ("team.view_auditevent", "administrator"),
        ("api.delete_apitoken", "administrator"),  # other people's
    ],
)
def test_the_work_of_each_role(permission, least):
    assert next(role for role in ROLES if permission in permissions_of(role)) == least


def test_migrating_again_mends_the_roles_and_leaves_other_groups_alone():
    def permission(codename):
        return Permission.objects.get(codename=codename)

    Group.objects.get(name="operator").permissions.set([permission("delete_topic")])
    Group.objects.get(name="administrator").delete()
    painters = Group.objects.create(name="painters")
    painters.permissions.set([permission("delete_topic")])
    call_command("migrate", interactive=False, verbosity=0)
    for role in ROLES:
        assert rights(role) == existing(permissions_of(role))
    assert rights("painters") == {"topics.delete_topic"}


def test_a_model_that_comes_later_gets_its_rights_with_its_migration(monkeypatch):
    row = Row("axes.AccessLog", roles.VIEW, roles.CHANGE, roles.ALL)
    monkeypatch.setattr(roles, "TABLE", (*TABLE, row))
    call_command("migrate", "axes", interactive=False, verbosity=0)
    assert "axes.change_accesslog" in rights("operator") - rights("viewer")
    monkeypatch.setattr(roles, "TABLE", TABLE)
    call_command("migrate", interactive=False, verbosity=0)
    assert not [name for role in ROLES for name in rights(role) if name.startswith("axes.")]


def test_nothing_is_written_where_nothing_is_to_do(django_assert_max_num_queries):
    with django_assert_max_num_queries(400) as queries:
        call_command("migrate", interactive=False, verbosity=0)
    assert not [
        query["sql"] for query in queries if "auth_group_permissions" in query["sql"] and "INSERT" in query["sql"]
    ]


def test_a_member_has_one_role_and_may_sign_in_by_it():
    member = UserFactory(is_staff=False)
    group = Group.objects.create(name="painters")
    member.groups.add(group)
    give_role(member, "operator")
    give_role(member, "viewer")
    member.refresh_from_db()
    assert ({each.name for each in member.groups.all()}, member.is_staff) == ({"painters", "viewer"}, True)
    member.groups.remove(group)
    give_role(member, "")
    member.refresh_from_db()
    assert (member.groups.count(), member.is_staff) == (0, False)


def test_the_reason_is_empty_where_one_may(django_assert_num_queries):
    operator = UserFactory(role="operator")
    assert role_of(operator) == "operator"
    assert refusal(operator, "topics.change_topic") == ""
    assert refusal(operator, "producers.add_provider") == (
        "Your role (operator) may not add providers: ask an administrator."
    )
