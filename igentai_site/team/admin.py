"""Members and roles in the admin, and the audit log."""

from __future__ import annotations

from copy import copy
from typing import Any

from django.contrib import admin, messages
from django.contrib.admin import AdminSite
from django.contrib.admin.models import LogEntry
from django.contrib.admin.views.main import ChangeList
from django.contrib.admin.widgets import FilteredSelectMultiple
from django.contrib.auth.admin import GroupAdmin, UserAdmin
from django.contrib.auth.models import Group, User
from django.core.exceptions import PermissionDenied
from django.db.models import QuerySet
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.shortcuts import get_object_or_404
from django.urls import URLPattern, path, reverse

from igentai_site.team.audit.admin import AuditLogAdmin
from igentai_site.team.forms import AddMemberForm, ChangeMemberForm, ResetPasswordForm
from igentai_site.team.granting import give_role, set_staff
from igentai_site.team.models import AuditEvent, Member
from igentai_site.team.signing_out import end_sessions, member_view
from igentai_site.team.unlocking import unlock
from topics.refusals import ROLES, highest

NO_ROLE = "none"

admin.site.unregister(User)
admin.site.unregister(Group)
admin.site.register(AuditEvent, AuditLogAdmin)


def _called(opts: Any, one: str, many: str) -> Any:
    """The words of a model of Django's on our pages; changed in the model they would ask for a migration."""
    ours = copy(opts)
    ours.verbose_name, ours.verbose_name_plural = one, many
    return ours


class RenamedList(ChangeList):
    """Called as its admin calls it, not as the model does."""

    def __init__(self, request: HttpRequest, *args: Any, **kwargs: Any) -> None:
        super().__init__(request, *args, **kwargs)
        self.opts = self.model_admin.opts


class RoleFilter(admin.RelatedFieldListFilter):
    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.title = "role"


@admin.register(User)
class MemberAdmin(UserAdmin):  # type: ignore[type-arg]
    """Administrators give roles; only a superuser gives single rights, or touches somebody who may more."""

    form = ChangeMemberForm
    add_form = AddMemberForm
    change_password_form = ResetPasswordForm
    add_form_template = "team/add_member.html"
    change_form_template = "team/change_member.html"
    list_display = ("username", "role", "email", "is_active", "last_login")
    list_filter = (("groups", RoleFilter), "is_active", "is_superuser")
    actions = ("unlock_selected",)
    add_fieldsets = ((None, {"fields": ("username", "email", "role")}),)
    fieldsets = (
        (None, {"fields": ("username", "password")}),
        ("Who it is", {"fields": (("first_name", "last_name"), "email")}),
        ("What they may do", {"fields": ("role", "is_active")}),
        ("When", {"fields": (("last_login", "date_joined"),)}),
    )
    superuser_fieldsets = (
        ("Beyond the roles", {"classes": ("collapse",), "fields": ("is_superuser", "groups", "user_permissions")}),
    )
    readonly_fields = ("last_login", "date_joined")

    def __init__(self, model: type[User], admin_site: AdminSite) -> None:
        super().__init__(model, admin_site)
        self.opts = _called(self.opts, "member", "members")

    def get_changelist(self, request: HttpRequest, **kwargs: Any) -> type[ChangeList]:
        return RenamedList

    @admin.display(description="role")
    def role(self, user: User) -> str:
        if user.is_superuser:
            return "superuser"
        return highest([group.name for group in user.groups.all()]) or NO_ROLE

    def get_queryset(self, request: HttpRequest) -> QuerySet[User]:
        return super().get_queryset(request).prefetch_related("groups")

    def get_fieldsets(self, request: HttpRequest, obj: User | None = None) -> Any:
        fieldsets = super().get_fieldsets(request, obj)
        may_all = obj is not None and request.user.is_superuser
        return (*fieldsets, *self.superuser_fieldsets) if may_all else fieldsets

    def formfield_for_manytomany(self, db_field: Any, request: HttpRequest, **kwargs: Any) -> Any:
        if db_field.name == "groups":
            kwargs["widget"] = FilteredSelectMultiple("roles", is_stacked=False)
        return super().formfield_for_manytomany(db_field, request, **kwargs)

    # Who may touch whom

    def has_change_permission(self, request: HttpRequest, obj: User | None = None) -> bool:
        return super().has_change_permission(request, obj) and _may_touch(request.user, obj)

    def has_delete_permission(self, request: HttpRequest, obj: User | None = None) -> bool:
        return super().has_delete_permission(request, obj) and _may_touch(request.user, obj)

    def get_deleted_objects(
        self, objs: Any, request: HttpRequest
    ) -> tuple[list[Any], dict[Any, Any], set[Any], list[Any]]:
        """Who has done anything stays: what they did would go with them from the log."""
        named, counts, missing, protected = super().get_deleted_objects(objs, request)
        members = list(objs)
        ours = {User._meta.verbose_name_plural: self.opts.verbose_name_plural}
        counts = {str(ours.get(name, name)): number for name, number in counts.items()}
        acted = set(LogEntry.objects.filter(user__in=members).values_list("user_id", flat=True))
        kept = [f"{user} has a history: make it inactive instead." for user in members if user.pk in acted]
        stronger = [f"{user} may do more than you." for user in members if not _may_touch(request.user, user)]
        return named, counts, missing, [*kept, *stronger, *([] if kept else protected)]

    # Saving

    def save_related(self, request: HttpRequest, form: Any, formsets: Any, change: bool) -> None:
        super().save_related(request, form, formsets, change)
        user = form.instance
        if not change or "role" in form.changed_data:
            give_role(user, form.cleaned_data["role"])
        else:
            set_staff(user)
        if not user.is_active:
            end_sessions(user)  # or they would go on where the member is made active again
        if not change:
            Member.set_duty(user, must_change_password=True)
            self.message_user(request, _first_password(user, form.first_password), messages.WARNING)

    def construct_change_message(self, request: HttpRequest, form: Any, formsets: Any, add: bool = False) -> Any:
        """With the roles by name: that one has changed is what an audit is about."""
        role = form.cleaned_data.get("role") or NO_ROLE
        if add:
            return [{"added": {"name": "role", "object": role}}]
        said = super().construct_change_message(request, form, formsets, add)
        step = f"role ({form.initial.get('role') or NO_ROLE} → {role})"
        for each in said:
            fields = each.get("changed", {}).get("fields", [])
            fields[:] = [step if field == "role" else field for field in fields]
        return said

    def user_change_password(self, request: HttpRequest, id: str, form_url: str = "") -> HttpResponse:
        if str(request.user.pk) == id:
            return HttpResponseRedirect(reverse("admin:password_change"))  # one's own needs the old one
        return super().user_change_password(request, id, form_url)

    def get_urls(self) -> list[URLPattern]:
        sign_out = self.admin_site.admin_view(self.sign_out_view)
        return [path("<int:id>/sign_out/", sign_out, name="auth_user_sign_out"), *super().get_urls()]

    def sign_out_view(self, request: HttpRequest, id: int) -> HttpResponse:
        if request.user.pk == id:
            return HttpResponseRedirect(reverse("admin:sign_out_elsewhere"))
        member = get_object_or_404(User, pk=id)
        if not self.has_change_permission(request, member):
            raise PermissionDenied("auth.change_user")
        return member_view(request, member)

    @admin.action(description="Unlock: let them try to sign in again", permissions=["change"])
    def unlock_selected(self, request: HttpRequest, members: QuerySet[User]) -> None:
        for name in members.values_list("username", flat=True):
            unlock(name, by=request.user.get_username())
        self.message_user(request, f"{len(members)} members may try again.", messages.SUCCESS)


@admin.register(Group)
class RightsGroupAdmin(GroupAdmin):
    """The groups of the roles follow a table in the code, so changing them here would not last."""

    list_display = ("name",)

    def __init__(self, model: type[Group], admin_site: AdminSite) -> None:
        super().__init__(model, admin_site)
        self.opts = _called(self.opts, "role", "roles")

    def get_changelist(self, request: HttpRequest, **kwargs: Any) -> type[ChangeList]:
        return RenamedList

    def get_deleted_objects(
        self, objs: Any, request: HttpRequest
    ) -> tuple[list[Any], dict[Any, Any], set[Any], list[Any]]:
        """The roles alone: Django names each of their rights and members, too."""
        _, _, missing, protected = super().get_deleted_objects(objs, request)
        named = [f"Role: {group}" for group in objs]
        return named, {"roles": len(named)}, missing, protected

    def has_change_permission(self, request: HttpRequest, obj: Group | None = None) -> bool:
        return super().has_change_permission(request, obj) and not (obj and obj.name in ROLES)

    def has_delete_permission(self, request: HttpRequest, obj: Group | None = None) -> bool:
        return super().has_delete_permission(request, obj) and not (obj and obj.name in ROLES)


def _may_touch(actor: Any, member: User | None) -> bool:
    """Nobody gains rights by way of an account that has more of them."""
    if member is None or actor.is_superuser:
        return True
    return not member.is_superuser and actor.get_all_permissions() >= member.get_all_permissions()


def _first_password(user: User, password: str) -> str:
    return (
        f"First password of {user.get_username()}, shown only now: {password} . Pass it on: at the first sign-in "
        "they choose their own."
    )
