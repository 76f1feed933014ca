"""What a person may not do, and why: one wording for pages, sockets and refusals.

It stands below all apps, so that each can ask. Roles are groups, whose rights igentai_site/team/roles.py lists.
"""

from __future__ import annotations

from collections.abc import Collection
from typing import Any

from django.apps import apps
from django.contrib.auth.models import AbstractBaseUser, AnonymousUser
from django.db.models import prefetch_related_objects

VIEWER, OPERATOR, ADMINISTRATOR = ROLES = ("viewer", "operator", "administrator")  # each may more than those before

Person = AbstractBaseUser | AnonymousUser

PASSWORD_FIRST = "Choose a password of your own first: the one you signed in with was made for you."  # noqa: S105
SIGN_IN_FIRST = "Sign in first."
VERBS = {"view": "see"}
# Where the name of the model is not what people call it.
THINGS = {"auditevent": "the audit log", "user": "members", "group": "roles"}


def refusal(user: Person, permission: str) -> str:
    """Why `user` may not do what needs `permission` ("topics.change_topic"); nothing where they may."""
    person: Any = user
    if must_change_password(user):
        return PASSWORD_FIRST
    if person.has_perm(permission):
        return ""
    if not person.is_authenticated:
        return SIGN_IN_FIRST
    verb, things = _deed(permission)
    # Read once for all refusals of a page, as permissions are.
    prefetch_related_objects([person], "groups")
    return words(highest([group.name for group in person.groups.all()]), verb, things)


def must_change_password(user: Person) -> bool:
    """Whether nothing else may be done first: it holds for pages, sockets and tokens alike."""
    # Who has no such row, as those whom no portal made, has no such duty.
    member = getattr(user, "member", None)
    return bool(member is not None and member.must_change_password)


def role_of(user: Person) -> str:
    """The role that may most of those that the user has; nothing where there is none."""
    person: Any = user
    if not person.is_authenticated:
        return ""
    return highest(person.groups.filter(name__in=ROLES).values_list("name", flat=True))


def highest(roles: Collection[str]) -> str:
    return max((role for role in roles if role in ROLES), key=ROLES.index, default="")


def words(role: str, verb: str, things: str) -> str:
    """The reason in words: who one is, what that does not include, and whom to ask."""
    if role == VIEWER and verb != "see":
        return f"Your role ({VIEWER}) may look only: ask an administrator."
    who = f"Your role ({role})" if role else "Your account"
    whom = "someone who is a superuser" if role == ADMINISTRATOR else "an administrator"
    return f"{who} may not {verb} {things}: ask {whom}."


def _deed(permission: str) -> tuple[str, str]:
    app, codename = permission.split(".")
    action, _, model_name = codename.partition("_")
    try:
        things = THINGS.get(model_name) or str(apps.get_model(app, model_name)._meta.verbose_name_plural)
    except LookupError:
        things = model_name.replace("_", " ")
    return VERBS.get(action, action), things
