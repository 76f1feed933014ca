"""Why somebody may not: in words that say who one is and whom to ask."""

import pytest

from igentai_site.team.roles import TABLE, permissions_of, somebody_may
from topics.refusals import ROLES, highest, words


@pytest.mark.parametrize(
    ("role", "verb", "things", "reason"),
    [
        ("viewer", "change", "topics", "Your role (viewer) may look only: ask an administrator."),
        ("viewer", "see", "users", "Your role (viewer) may not see users: ask an administrator."),
        ("operator", "add", "providers", "Your role (operator) may not add providers: ask an administrator."),
        (
            "administrator",
            "add",
            "schedules",
            "Your role (administrator) may not add schedules: ask someone who is a superuser.",
        ),
        ("", "change", "topics", "Your account may not change topics: ask an administrator."),
    ],
)
def test_the_reason_says_who_one_is_and_whom_to_ask(role, verb, things, reason):
    assert words(role, verb, things) == reason


def test_of_several_roles_the_one_that_may_most_counts():
    assert highest(["operator", "painters", "viewer"]) == "operator"
    assert highest(["painters"]) == ""


def test_each_role_may_all_that_those_before_it_may():
    viewer, operator, administrator = (set(permissions_of(role)) for role in ROLES)
    assert viewer < operator < administrator


def test_a_row_names_a_model_once():
    models = [row.model for row in TABLE]
    assert len(models) == len(set(models))


def test_what_the_engine_observed_is_changed_by_nobody():
    assert somebody_may("topics.add_topic")
    assert not somebody_may("orchestration.change_run")
    assert not somebody_may("orchestration.delete_request")


def test_no_role_may_put_tasks_into_the_queue():
    rights = set(permissions_of("administrator"))
    assert not rights & {f"django_q.{action}_schedule" for action in ("add", "change")}
