"""The form of a topic: what is asked first, what is folded away, and what each setting does."""

from __future__ import annotations

from typing import Any

from django import forms

from topics.admin import TopicForm
from topics.models import Topic

FIELDSETS: tuple[tuple[str | None, dict[str, Any]], ...] = (
    (None, {"fields": ("name", "producer_count", "prompt", ("target", "budget_usd"))}),
    (
        "Other limits",
        {
            "fields": (("minutes", "iterations"), ("coverage", "price_usd")),
            "classes": ("collapse",),
            "description": "A run stops at the first limit that it meets. Without any, when nothing new comes.",
        },
    ),
    (
        "How it is explored",
        {
            "fields": (
                ("partition", "optimise"),
                ("routing", "request_size"),
                ("in_flight", "optimise_interval"),
            ),
            "classes": ("collapse",),
            "description": "The usual settings suit nearly every topic. A change holds from the next start.",
        },
    ),
)


class AdvisedTopicForm(TopicForm):
    """Says what a change of each setting does."""

    class Meta:
        model = Topic
        fields = "__all__"
        labels = {
            "producer_count": "Producers",
            "target": "Target (entries)",
            "budget_usd": "Budget (USD)",
            "iterations": "Requests per producer",
            "coverage": "Coverage (0 to 1)",
            "price_usd": "Price of 100 (USD)",
            "partition": "Divided by",
            "optimise": "Worth most",
            "request_size": "Entries in a request",
            "in_flight": "Requests in flight",
            "optimise_interval": "Optimiser's interval (s)",
        }
        help_texts = {
            "name": "What the list is of, as you would say it to a friend: “Paris attractions”.",
            "prompt": "What belongs to the list and what does not, in your words. The usual text is a good start.",
            "producer_count": "Processes that ask at the same time. More find entries faster, at about the same cost "
            "an entry. Empty: as the engine was started with, usually 5.",
            "target": "Stops at this many entries. Answers on their way then may still add some.",
            "budget_usd": "Stops before this much is spent. A change also holds in a run under way.",
            "minutes": "Stops after so many minutes under way; pauses do not count.",
            "iterations": "Stops when every producer has made so many requests.",
            "coverage": "Stops when at least this share of what the providers know is found: 0.9 is nine in ten. "
            "Asks a little more, to estimate it.",
            "price_usd": "Stops when the next 100 entries would probably cost more than this.",
            "partition": "Which parts producers are asked for, one each. Auto chooses by what brings most. None asks "
            "everybody for everything, and repeats more.",
            "optimise": "Cost: most new entries for the money. Speed: most for the time. Balanced: both alike.",
            "routing": "How a producer picks a provider. Weighted lets the optimiser shift towards those that bring "
            "most; the others keep your weights as they are.",
            "request_size": "With 60 the optimiser chooses, from 20 to 100. Any other number is kept: a smaller one "
            "repeats less, a larger one costs fewer questions.",
            "in_flight": "How many answers each producer waits for at once. More is faster, and repeats more.",
            "optimise_interval": "The longest time between two looks of the optimiser. Shorter reacts sooner, longer "
            "is calmer.",
        }
        widgets = {"prompt": forms.Textarea(attrs={"rows": 4, "cols": 80})}
