"""The schedules of a topic, on its page, for those who may change topics."""

from __future__ import annotations

from typing import Any, ClassVar

from django import forms
from django.contrib import admin
from django.http import HttpRequest
from django.utils import timezone

from topics.models import TopicSchedule
from topics.schedule_models import ALL_DAYS
from topics.timetable import DAYS, next_time

CHANGE, VIEW = "topics.change_topic", "topics.view_topic"
MOST_SCHEDULES = 10


class ScheduleForm(forms.ModelForm):  # type: ignore[type-arg]
    days = forms.MultipleChoiceField(
        choices=list(zip(ALL_DAYS, DAYS, strict=True)),
        initial=list(ALL_DAYS),
        widget=forms.CheckboxSelectMultiple(attrs={"class": "radiolist inline"}),  # a row, in the admin's own styles
    )

    class Meta:
        model = TopicSchedule
        fields = ("at", "days", "enabled")
        # Not the admin's own, whose hints are about the time zone of the browser.
        widgets = {"at": forms.TimeInput(format="%H:%M", attrs={"type": "time"})}
        error_messages: ClassVar[Any] = {
            "at": {"required": "Say a time of the day, or remove this schedule: without one it starts nothing."}
        }

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        if self.instance.pk:
            self.initial["days"] = list(self.instance.days)

    def clean_days(self) -> str:
        return "".join(sorted(self.cleaned_data["days"]))


class ScheduleFormSet(forms.BaseInlineFormSet):  # type: ignore[type-arg]
    """Who changes a schedule is who asks for it from then on; and no time before the change counts as missed."""

    user: Any = None

    def get_form_kwargs(self, index: int | None) -> dict[str, Any]:
        # Each row is there because somebody added it: one without a time is a mistake, not an empty one to drop.
        return {**super().get_form_kwargs(index), "empty_permitted": False}

    def save_new(self, form: Any, commit: bool = True) -> Any:
        self._ask(form.instance)
        return super().save_new(form, commit)

    def save_existing(self, form: Any, obj: Any, commit: bool = True) -> Any:
        self._ask(form.instance)
        return super().save_existing(form, obj, commit)

    def _ask(self, schedule: TopicSchedule) -> None:
        schedule.asked_by, schedule.considered_until = self.user, timezone.now()


class ScheduleInline(admin.StackedInline):  # type: ignore[type-arg]
    model = TopicSchedule
    form = ScheduleForm
    formset = ScheduleFormSet
    readonly_fields = ("planned", "asked_by", "next_start", "outcome")
    extra = 0
    max_num = MOST_SCHEDULES
    of_saved_topics = True
    verbose_name_plural = "Schedules: start this topic by itself, to go on with its list until its target"

    def get_fields(self, request: HttpRequest, obj: Any = None) -> tuple[str, ...]:
        told = ("asked_by", "next_start", "outcome")
        own = ("at", "days", "enabled") if self.has_change_permission(request, obj) else ("planned", "enabled")
        return own + told

    def get_formset(self, request: HttpRequest, obj: Any = None, **kwargs: Any) -> Any:
        formset = super().get_formset(request, obj, **kwargs)
        return type("ScheduleFormSetOf", (formset,), {"user": request.user})

    @admin.display(description="when")
    def planned(self, schedule: TopicSchedule) -> str:
        return str(schedule)

    @admin.display(description="next start")
    def next_start(self, schedule: TopicSchedule) -> str:
        at = next_time(schedule.timetable, timezone.now()) if schedule.pk and schedule.enabled else None
        return f"{at:%a %d %b %Y %H:%M} UTC" if at else "-"

    # Schedules belong to their topic, and so do the rights.

    def has_view_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return request.user.has_perm(VIEW) or request.user.has_perm(CHANGE)

    def has_add_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return request.user.has_perm(CHANGE)

    def has_change_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return request.user.has_perm(CHANGE)

    def has_delete_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return request.user.has_perm(CHANGE)
