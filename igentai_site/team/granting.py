"""The groups of the roles, and their rights as the table says. Safe to repeat; runs after each migrate."""

from __future__ import annotations

from typing import Any

from django.apps import AppConfig
from django.apps import apps as global_apps
from django.contrib.auth.models import AbstractUser, Group

from igentai_site.team import roles
from topics.refusals import ROLES


def grant_rights(app_config: AppConfig, using: str, apps: Any = global_apps, **kwargs: Any) -> None:
    """Receives `post_migrate` of each app in turn, once Django has made that app's permissions.

    What a role has beyond the table is taken away; groups that are no role are left alone.
    """
    try:
        group_model, permission_model = apps.get_model("auth", "Group"), apps.get_model("auth", "Permission")
    except LookupError:
        return  # the tables of groups are not there, or not any more
    held = _held(group_model, app_config.label, using)
    wanted = _wanted(group_model, permission_model, app_config.label, using)
    through = group_model.permissions.through
    links = [through(group_id=group, permission_id=permission) for group, permission in wanted - set(held)]
    through._default_manager.using(using).bulk_create(links, ignore_conflicts=True)
    surplus = [link for pair, link in held.items() if pair not in wanted]
    if surplus:
        through._default_manager.using(using).filter(pk__in=surplus).delete()


def _held(group_model: Any, label: str, using: str) -> dict[tuple[int, int], int]:
    """Group and permission of each right that a role has in the app, and the row that says so."""
    rows = group_model.permissions.through._default_manager.using(using).filter(
        group__name__in=ROLES, permission__content_type__app_label=label
    )
    return {(group, permission): pk for pk, group, permission in rows.values_list("pk", "group", "permission")}


def _wanted(group_model: Any, permission_model: Any, label: str, using: str) -> set[tuple[int, int]]:
    by_role = {role: roles.of_app(label, role) for role in ROLES}
    if not any(by_role.values()):
        return set()
    groups = _groups(group_model, using)
    permissions = permission_model._default_manager.using(using).filter(content_type__app_label=label)
    ids = dict(permissions.values_list("codename", "pk"))
    return {(groups[role], ids[name]) for role, names in by_role.items() for name in names if name in ids}


def _groups(group_model: Any, using: str) -> dict[str, int]:
    manager = group_model._default_manager.using(using)
    manager.bulk_create([group_model(name=role) for role in ROLES], ignore_conflicts=True)
    return dict(manager.filter(name__in=ROLES).values_list("name", "pk"))


def give_role(user: AbstractUser, role: str) -> None:
    """This role and no other; whoever has one may sign in to the portal. Nothing: take it away."""
    user.groups.remove(*Group.objects.filter(name__in=ROLES).exclude(name=role))
    if role:
        user.groups.add(Group.objects.get(name=role))
    set_staff(user)


def set_staff(user: AbstractUser) -> None:
    """Who is in a group, or a superuser, may sign in to the portal; nobody else may."""
    user.is_staff = user.is_superuser or user.groups.exists()
    user.save(update_fields=["is_staff"])
