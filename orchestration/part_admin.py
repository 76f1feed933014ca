"""The parts of a topic as people see and change them, on the topic's page."""

from __future__ import annotations

from typing import Any

from django.contrib import admin
from django.core.exceptions import ValidationError
from django.db.models import Q, QuerySet
from django.forms import ModelForm
from django.http import HttpRequest

from orchestration.logic import parts
from topics.models import TopicPartition


class PartForm(ModelForm):  # type: ignore[type-arg]
    """A new part is a category, given by its name; of those that there are only whether it is left out can change."""

    class Meta:
        model = TopicPartition
        fields = ("words", "left_out")

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["words"].disabled = self.instance.pk is not None
        self.fields["words"].help_text = "" if self.instance.pk else "The name of a category to ask for."

    def clean_words(self) -> str:
        """The part in words; a category's name is told apart from them by being new."""
        words = str(self.cleaned_data["words"])
        if self.instance.pk is not None:
            return words
        part = parts.category(words)
        if not part.name.isprintable() or not any(map(str.isalnum, part.name)):
            raise ValidationError("A category needs a name of letters or digits, on one line.")
        self.instance.data, self.instance.by_person = parts.as_data(part), True
        return part.words

    def save(self, commit: bool = True) -> Any:
        """Of a part that is there only what people want: its state is the engine's."""
        if self.instance.pk is None:
            return super().save(commit)
        self.instance.save(update_fields=["left_out"])
        return self.instance


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
