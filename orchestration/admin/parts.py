"""The parts of a topic as people see and change them, on the topic's page."""

from __future__ import annotations

from typing import Any

from django.contrib import admin
from django.db.models import Q, QuerySet
from django.http import HttpRequest

from orchestration.part_form import PartForm
from topics.models import TopicPartition


class PartInline(admin.TabularInline):  # type: ignore[type-arg]
    """Changes take effect in a run under way, with the next requests."""

    model = TopicPartition
    form = PartForm
    fields = ("words", "state", "parent", "left_out")
    readonly_fields = ("state", "parent")
    extra = 0
    max_num = 300
    can_delete = False
    classes = ("collapse",)
    of_saved_topics = True  # what a topic is divided into shows once it is there
    verbose_name = "category"
    verbose_name_plural = "Parts that producers ask for: add a category, or leave out what you do not want"

    def get_queryset(self, request: HttpRequest) -> QuerySet[Any]:
        """The parts to decide about; a long run leaves hundreds of others, more than a form may have fields."""
        queryset = super().get_queryset(request)
        if request.method == "POST":
            return queryset  # what was open when the form was shown may be split by now
        return queryset.filter(Q(state=TopicPartition.State.OPEN) | Q(by_person=True) | Q(left_out=True))
