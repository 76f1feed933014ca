"""The page of the audit log, and its files: to look at, by those who may."""

from __future__ import annotations

from typing import Any

from django import forms
from django.core.exceptions import PermissionDenied
from django.http import Http404, HttpRequest, HttpResponse, StreamingHttpResponse
from django.template.response import TemplateResponse
from django.urls import URLPattern, path
from django.utils import timezone

from igentai_site.team.audit.actions import ACTIONS
from igentai_site.team.audit.files import FORMATS, written
from igentai_site.team.audit.lines import Place, Wanted
from igentai_site.team.audit.reading import read
from topics.admin import BoundedAdmin

LINES = 100
SEEN = "team.view_auditevent"


class DateInput(forms.DateInput):
    input_type = "date"


class FilterForm(forms.Form):
    """What stands in the address of the page, so that a view of the log can be passed on."""

    who = forms.CharField(required=False, max_length=150)
    action = forms.ChoiceField(required=False)
    since = forms.DateField(required=False, label="From", widget=DateInput)
    until = forms.DateField(required=False, label="Until", widget=DateInput)
    words = forms.CharField(required=False, max_length=100, label="Words in it")

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        names = [(action.name, action.label) for action in ACTIONS.values()]
        self.fields["action"] = forms.ChoiceField(required=False, choices=[("", "Everything"), *names])

    @property
    def wanted(self) -> Wanted | None:
        """None: what was asked for makes no sense, and the form says what."""
        return Wanted(**self.cleaned_data) if self.is_valid() else None


class AuditLogAdmin(BoundedAdmin):
    """Of two tables, so it is a page of its own where Django would list one."""

    def get_urls(self) -> list[URLPattern]:
        export = path(
            "export.<slug:form>",
            self.admin_site.admin_view(self.export_view),
            name="team_auditevent_export",
        )
        return [export, *super().get_urls()]

    def changelist_view(self, request: HttpRequest, extra_context: dict[str, Any] | None = None) -> HttpResponse:
        if not self.has_view_permission(request):
            raise PermissionDenied(SEEN)
        form = FilterForm(request.GET)
        wanted = form.wanted
        page = read(wanted, Place.parse(request.GET.get("after", "")), LINES) if wanted else None
        filters = request.GET.copy()
        filters.pop("after", None)
        context = {
            **self.admin_site.each_context(request),
            "title": "Audit log",
            "opts": self.opts,
            "form": form,
            "page": page,
            "filters": filters.urlencode(),
            "is_filtered": wanted != Wanted(),
            "is_newest": "after" not in request.GET,
            **(extra_context or {}),
        }
        return TemplateResponse(request, "team/audit_log.html", context)

    def export_view(self, request: HttpRequest, form: str) -> HttpResponse | StreamingHttpResponse:
        if not self.has_view_permission(request):
            raise PermissionDenied(SEEN)
        wanted = FilterForm(request.GET).wanted
        if form not in FORMATS or wanted is None:
            raise Http404("There is no such file.")
        name = f"audit-log-{timezone.now():%Y-%m-%d}.{form}"
        disposition = {"Content-Disposition": f'attachment; filename="{name}"'}
        return StreamingHttpResponse(written(wanted, form), content_type=FORMATS[form], headers=disposition)
