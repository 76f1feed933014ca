"""The form of a part of a topic: a category that people name, and whether it is left out."""

from __future__ import annotations

from typing import Any

from django.core.exceptions import ValidationError
from django.forms import ModelForm

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
