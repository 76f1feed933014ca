"""Batch mode's topic: what the command line asks for, written down as a person would in the portal."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import asdict, dataclass

from django.core.exceptions import NON_FIELD_ERRORS, ValidationError
from django.db import transaction

from orchestration.choosing import choose, chosen_for
from orchestration.logic.lifecycle import Limits
from orchestration.prices import rates_of
from topics.folders import UnusableName, folder_name
from topics.models import Topic, clean_name

SETTINGS = ("prompt", "routing", "partition", "optimise", "request_size")


class BadTopic(ValueError):
    """The topic cannot be explored as asked; the message says what to change."""


@dataclass(frozen=True, slots=True)
class BatchTopic:
    """A topic as `run_orchestrator --topic` describes it; None: not said."""

    name: str
    limits: Limits
    prompt: str | None = None
    providers: Sequence[str] = ()
    rates: Sequence[str] = ()
    routing: str | None = None
    partition: str | None = None
    optimise: str | None = None
    request_size: int | None = None
    resume: bool = False


@dataclass(frozen=True, slots=True)
class BatchWish:
    """What was written down: the topic, the limits of its run, and whether that run was begun before a crash."""

    topic_id: int
    limits: Limits
    goes_on: bool = False


@transaction.atomic
def prepare_topic(wanted: BatchTopic) -> BatchWish:
    """Write the topic and the wish to explore it.

    A topic that exists keeps the settings that the command does not mention, its limits too: those of the command
    hold for this run only. A run that a crash cut short is gone on with, asked to resume or not: no paid list may be
    lost by a crash, and no budget begin anew.
    Raises BadTopic or BadSpec, and then changes nothing.
    """
    _require_text(wanted.name, wanted.prompt or "")
    name = clean_name(wanted.name)
    topic = Topic.objects.filter(name=name).first() or Topic(name=name, **asdict(wanted.limits))
    for setting in SETTINGS:
        if (value := getattr(wanted, setting)) is not None:
            setattr(topic, setting, value)
    try:
        folder_name(name)
        topic.full_clean()
        Topic(name=name, **asdict(wanted.limits)).clean_fields(exclude=["folder"])
    except UnusableName as error:
        raise BadTopic(str(error)) from error
    except ValidationError as error:
        raise BadTopic("; ".join(_complaints(error))) from error
    topic.save_settings()
    choose(topic, wanted.providers, wanted.rates)
    _require_prices(topic, wanted.limits)
    asked = Topic.objects.filter(pk=topic.pk)
    goes_on = asked.running().exists() and topic.runs.filter(number=topic.starts).exists()
    if goes_on and wanted.resume:
        asked.keep_list()
    elif wanted.resume:
        if asked.running().exists():
            asked.stop()  # asked for and never begun: the list goes on with a run of this command's own
        asked.resume()
    elif not goes_on:
        asked.start_over()
    return BatchWish(topic.pk, wanted.limits, goes_on)


def _complaints(error: ValidationError) -> Iterator[str]:
    for field, messages in error.message_dict.items():
        named = "topic" if field == "name" else field.replace("_", " ")
        yield from (message if field == NON_FIELD_ERRORS else f"{named}: {message}" for message in messages)


def _require_text(*texts: str) -> None:
    try:
        encoded = "".join(texts).encode()
    except UnicodeEncodeError:  # bytes of another encoding on the command line
        raise BadTopic("the topic and its prompt must be given in UTF-8") from None
    if b"\0" in encoded:
        raise BadTopic("the topic and its prompt must not hold a NUL character")


def _require_prices(topic: Topic, limits: Limits) -> None:
    if limits.budget_usd is None:
        return
    unknown = [each.provider.name for each in chosen_for(topic) if rates_of(each.provider) is None]
    if unknown:
        raise BadTopic(
            f"a budget needs a price for {', '.join(unknown)}: state it with --rate KIND:MODEL=IN/OUT, "
            "in USD per million tokens (0/0 for a model that costs nothing)"
        )
