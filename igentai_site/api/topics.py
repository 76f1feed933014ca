"""Topics: list, create, change, command, and how they are."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any, cast

from django.contrib.admin.models import ADDITION, CHANGE, LogEntry
from django.contrib.admin.utils import construct_change_message
from django.contrib.auth.models import User
from django.db import IntegrityError, transaction
from django.forms import Form, ModelForm, model_to_dict, modelform_factory
from django.http import HttpRequest
from ninja import Query, Router, Status

from igentai_site.api.auth import caller_of
from igentai_site.api.errors import ApiError, invalid, not_found
from igentai_site.api.needs import needs
from igentai_site.api.schemas import (
    HIGHEST_ID,
    CommandIn,
    NewTopic,
    Settings,
    StatusOut,
    TopicChange,
    TopicOut,
    TopicPage,
    TopicQuery,
)
from igentai_site.api.status import status_of
from orchestration.portal import queries
from orchestration.portal.present import buttons
from topics.admin import TopicForm
from topics.commands import COMMANDS, Command, carry_out, with_something_to_lose
from topics.models import Topic

VIEW, ADD, CHANGE_THEM = "topics.view_topic", "topics.add_topic", "topics.change_topic"
SETTINGS = ("name", *Settings.model_fields)

router = Router(tags=["topics"])


@router.get("", **needs(VIEW, TopicPage), operation_id="list_topics", summary="List topics")
def list_topics(request: HttpRequest, asked: Query[TopicQuery]) -> dict[str, Any]:
    """In the order in which they were made."""
    topics = Topic.objects.filter(pk__gt=asked.after).order_by("pk")
    if asked.name:
        topics = topics.filter(name__icontains=asked.name.replace("\0", ""))
    found = list(topics[: asked.limit + 1])
    return {"items": found[: asked.limit], "next": found[asked.limit - 1].pk if len(found) > asked.limit else None}


@router.post("", **needs(ADD, TopicOut, 201), operation_id="create_topic", summary="Create a topic")
def create_topic(request: HttpRequest, settings: NewTopic) -> Status[Topic]:
    """It is not started: `start` does that. Values are judged as in the portal's form."""
    defaults = model_to_dict(Topic(), SETTINGS)
    form = _form({**defaults, **settings.model_dump(exclude_unset=True)}, Topic())
    return Status(201, _saved(form, caller_of(request).user, ADDITION))


@router.get("/{int:topic_id}", **needs(VIEW, TopicOut), operation_id="read_topic", summary="Read a topic")
def read_topic(request: HttpRequest, topic_id: int) -> Topic:
    return topic_or_refusal(topic_id)


@router.patch(
    "/{int:topic_id}",
    **needs(CHANGE_THEM, TopicOut),
    operation_id="change_topic",
    summary="Change a topic's settings",
)
def change_topic(request: HttpRequest, topic_id: int, settings: TopicChange) -> Topic:
    """A changed budget holds for a run under way; the other limits are those that a run began with."""
    topic = topic_or_refusal(topic_id)
    form = _form({**model_to_dict(topic, SETTINGS), **settings.model_dump(exclude_unset=True)}, topic)
    return _saved(form, caller_of(request).user, CHANGE)


@router.get(
    "/{int:topic_id}/status",
    **needs(VIEW, StatusOut),
    operation_id="topic_status",
    summary="How a topic is",
)
def topic_status(request: HttpRequest, topic_id: int) -> StatusOut:
    """State, figures, estimates, providers and producers: what the live page shows."""
    return _status(topic_id)


def _status(topic_id: int) -> StatusOut:
    status = status_of(topic_id)
    if status is None:
        raise _no_such_topic()
    return status


def topic_or_refusal(topic_id: int) -> Topic:
    topic = Topic.objects.filter(pk=min(topic_id, HIGHEST_ID)).first()
    if topic is None:
        raise _no_such_topic()
    return topic


def _no_such_topic() -> ApiError:
    return not_found("topic", "List the topics to see which there are.")


# Settings


def _form(values: Mapping[str, Any], topic: Topic) -> ModelForm[Topic]:
    # The portal's form, so that both refuse the same.
    form_class = modelform_factory(Topic, form=TopicForm, fields=SETTINGS)
    return form_class(data=dict(values), instance=topic)


def _saved(form: ModelForm[Topic], user: User, action: int) -> Topic:
    if not form.is_valid():
        fields = {name: " ".join(map(str, errors)) for name, errors in form.errors.items()}
        raise invalid(fields, "Correct these values.")
    topic = form.save(commit=False)
    message = construct_change_message(cast(Form, form), [], add=action == ADDITION)
    try:
        with transaction.atomic():
            topic.save_settings()
            LogEntry.objects.log_actions(user.pk, [topic], action, message, single_object=True)
    except IntegrityError as error:
        raise ApiError(
            409, "exists", "A topic of this name was made just now.", "Read it, or take another name."
        ) from error
    return topic


# Commands


def _start(topic: Topic) -> Command:
    """A first start loses nothing, so it is no "start over"."""
    if topic.starts:
        todo = "Use resume to go on with its list, or start_over to begin a new one."
        raise ApiError(409, "started_before", "This topic was started before.", todo)
    return COMMANDS["start_over"]


def give(topic: Topic, command: Command, user: User, confirmed: bool) -> None:
    """Ask for it, or refuse as the live page would."""
    losing = with_something_to_lose(Topic.objects.filter(pk=topic.pk)) if command.replaces_list else []
    if losing and not confirmed:
        message = f"The list of {losing[0].entries:,} entries would be replaced."  # type: ignore[attr-defined]
        raise ApiError(409, "confirmation_needed", message, "Send confirm_replaces_list: true if that is wanted.")
    objection = _objection(topic.pk, command.name)
    if objection:
        raise ApiError(409, "not_now", objection, "Read the topic's status for what can be done now.")
    carry_out(command, Topic.objects.filter(pk=topic.pk), user)


def _objection(topic_id: int, name: str) -> str:
    topic = queries.topic_state(topic_id)
    if topic is None:
        raise _no_such_topic()
    button = buttons(topic, queries.run_state(topic_id)).get(name)
    return button.objection if button else ""


def _route(name: str, summary: str, description: str, choose: Callable[[Topic], Command]) -> None:
    def view(request: HttpRequest, topic_id: int, options: CommandIn | None = None) -> Status[StatusOut]:
        topic = topic_or_refusal(topic_id)
        give(topic, choose(topic), caller_of(request).user, bool(options and options.confirm_replaces_list))
        return Status(202, _status(topic_id))

    router.add_api_operation(
        f"/{{int:topic_id}}/{name}",
        ["POST"],
        view,
        **needs(CHANGE_THEM, StatusOut, 202),
        operation_id=f"{name}_topic",
        url_name=f"{name}_topic",
        summary=summary,
        description=description,
    )


def _always(command: Command) -> Callable[[Topic], Command]:
    return lambda topic: command


ASKED = "It is asked for; the engine sees to it within a second, and the topic's status tells."
REPLACES = " Replaces the list, so it wants `confirm_replaces_list` where there is one."
_route("start", "Start a topic for the first time", ASKED, _start)
for each in COMMANDS.values():
    _route(each.name, f"{each.label} a topic", ASKED + (REPLACES if each.replaces_list else ""), _always(each))
