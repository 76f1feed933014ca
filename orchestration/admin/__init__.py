"""What the engine observed, to look at: runs, requests and prompts."""

from __future__ import annotations

from django.contrib import admin
from django.utils.html import format_html
from django.utils.text import Truncator

from orchestration.admin.parts import PartInline
from orchestration.admin.providers import ProbedProviderAdmin
from orchestration.admin.requests import DecisionAdmin, RequestAdmin
from orchestration.admin.runs import RunAdmin, RunFiguresAdmin
from orchestration.admin.topics import RunTopicAdmin
from orchestration.clusters import missing_for_clusters
from orchestration.entries.admin import EntryAdmin
from orchestration.exported_facts import facts_of_list
from orchestration.jobs import admin as jobs_admin  # noqa: F401 - its pages
from orchestration.models import Decision, Prompt, Request, Run, RunFigures
from producers.models import Provider
from topics.admin import BoundedAdmin, missing_for_partition, topic_inlines
from topics.exports.producing import list_facts
from topics.models import Attribute, Partition, Topic
from topics.schedule_admin import ScheduleInline

admin.site.register(Attribute, EntryAdmin)
admin.site.register(Provider, ProbedProviderAdmin)
admin.site.register(Topic, RunTopicAdmin)
admin.site.register(Run, RunAdmin)
admin.site.register(RunFigures, RunFiguresAdmin)
admin.site.register(Request, RequestAdmin)
admin.site.register(Decision, DecisionAdmin)
topic_inlines.append(PartInline)
list_facts.append(facts_of_list)
topic_inlines.append(ScheduleInline)
missing_for_partition[Partition.SEMANTIC] = missing_for_clusters


@admin.register(Prompt)
class PromptAdmin(BoundedAdmin):
    list_display = ("hash", "beginning")
    ordering = ("hash",)
    search_fields = ("hash", "text")
    fields = ("hash", "words")
    readonly_fields = fields

    @admin.display(description="text")
    def words(self, prompt: Prompt) -> str:
        return format_html("<pre>{}</pre>", prompt.text)

    @admin.display(description="text")
    def beginning(self, prompt: Prompt) -> str:
        return Truncator(prompt.text).chars(120)
