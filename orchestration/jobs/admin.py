"""django-q2's own pages are gone: payloads are pickles, which nobody may write, and a schedule names any function.

What is left is to look at what failed.
"""

from __future__ import annotations

from typing import Any

from django.contrib import admin
from django.db.models import QuerySet
from django.http import HttpRequest
from django.utils.text import Truncator
from django_q.models import Failure, OrmQ, Schedule, Success

from topics.admin import BoundedAdmin

for model in (Failure, OrmQ, Schedule, Success):
    if admin.site.is_registered(model):
        admin.site.unregister(model)


@admin.register(Failure)
class FailedJobAdmin(BoundedAdmin):
    list_display = ("func", "started", "stopped", "attempt_count", "beginning")
    ordering = ("-stopped",)
    fields = ("func", "started", "stopped", "attempt_count", "what_happened")
    readonly_fields = fields

    def get_queryset(self, request: HttpRequest) -> QuerySet[Any]:
        # Those are pickles, too, and not needed here.
        return super().get_queryset(request).defer("args", "kwargs")

    @admin.display(description="what happened")
    def beginning(self, failure: Any) -> str:
        return Truncator(str(failure.result)).chars(160)

    @admin.display(description="what happened")
    def what_happened(self, failure: Any) -> str:
        return str(failure.result)
