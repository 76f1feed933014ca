"""Rows for tests: each factory makes one that is valid, and whatever matters to a test is given by it."""

from __future__ import annotations

from datetime import UTC, datetime, time, timedelta
from typing import Any

import factory
from django.contrib.auth import get_user_model
from django.contrib.auth.hashers import PBKDF2PasswordHasher
from django.contrib.auth.models import Group, Permission
from django.utils import timezone
from factory.django import DjangoModelFactory

from igentai_site.api.models import ApiToken
from igentai_site.api.tokens import digest
from orchestration.models import Decision, Notification, Prompt, Request, Run, RunFigures
from producers.models import Producer, Provider, ProviderWeight
from topics.folding import folded_beside
from topics.models import MAX_ATTRIBUTE_LENGTH, Attribute, Export, Review, Topic, TopicSchedule, TopicWatcher

# Far above what an engine under test numbers itself, so that both can write into one database.
FIRST_ID = 1_000_000_000


# Of one round: with as many as a real password has, each member would take a test a third of a second.
PASSWORD = PBKDF2PasswordHasher().encode("password", "salt", iterations=1)


class UserFactory(DjangoModelFactory):  # type: ignore[misc]
    """A member of the team without permissions; its password is "password"."""

    class Meta:
        model = get_user_model()
        skip_postgeneration_save = True

    class Params:
        admin = factory.Trait(is_superuser=True)

    username = factory.Sequence(lambda n: f"member{n}")
    is_staff = True
    password = PASSWORD

    @factory.post_generation
    def permissions(self, create, names, **kwargs):
        """`permissions=["topics.view_topic"]` grants just these."""
        for name in names or []:
            app, codename = name.split(".")
            self.user_permissions.add(Permission.objects.get(content_type__app_label=app, codename=codename))

    @factory.post_generation
    def role(self, create, name, **kwargs):
        """`role="viewer"` gives the rights of that role."""
        if name:
            self.groups.add(Group.objects.get(name=name))


class TopicFactory(DjangoModelFactory):  # type: ignore[misc]
    class Meta:
        model = Topic

    name = factory.Sequence(lambda n: f"Topic {n}")


class ProviderFactory(DjangoModelFactory):  # type: ignore[misc]
    """A simulated provider; `vendor=True` makes one of a vendor."""

    class Meta:
        model = Provider

    class Params:
        vendor = factory.Trait(kind=Provider.Kind.OPENAI, model="gpt-test", key_variable="OPENAI_API_KEY")

    name = factory.Sequence(lambda n: f"provider {n}")
    kind = Provider.Kind.SIMULATED
    model = "simulated"


class RunFactory(DjangoModelFactory):  # type: ignore[misc]
    """A run under way, which began the topic's list; `over=True` makes one that has ended."""

    class Meta:
        model = Run

    class Params:
        over = factory.Trait(
            state=Run.State.ENDED,
            stop_reason="target",
            ended_at=factory.LazyFunction(lambda: datetime.now(UTC)),
        )

    topic = factory.SubFactory(TopicFactory)
    number = factory.Sequence(lambda n: n + 1)
    list_number = factory.SelfAttribute("number")
    state = Run.State.RUNNING
    producer_count = 1


class DecisionFactory(DjangoModelFactory):  # type: ignore[misc]
    class Meta:
        model = Decision

    run = factory.SubFactory(RunFactory)
    at = factory.LazyFunction(lambda: datetime.now(UTC))
    kind = "weights"
    subject = "producer 0"
    before = "a 50%, b 50%"
    after = "a 80%, b 20%"
    reason = "new entries to be expected for a dollar: a 40, b 10"


class RunFiguresFactory(DjangoModelFactory):  # type: ignore[misc]
    class Meta:
        model = RunFigures

    run = factory.SubFactory(RunFactory)
    data: dict[str, Any] = {"run": {}}
    updated_at = factory.LazyFunction(lambda: datetime.now(UTC))


class ProducerFactory(DjangoModelFactory):  # type: ignore[misc]
    class Meta:
        model = Producer

    run = factory.SubFactory(RunFactory)
    slot = factory.Sequence(lambda n: n % 32_000)
    state = Producer.State.RUNNING
    partition = "all"


class ProviderWeightFactory(DjangoModelFactory):  # type: ignore[misc]
    class Meta:
        model = ProviderWeight

    producer = factory.SubFactory(ProducerFactory)
    provider = factory.SubFactory(ProviderFactory)
    weight = 1.0


class PromptFactory(DjangoModelFactory):  # type: ignore[misc]
    class Meta:
        model = Prompt

    hash = factory.Sequence(lambda n: f"{n:032x}")
    text = "Name entries."


class RequestFactory(DjangoModelFactory):  # type: ignore[misc]
    """A complete request of a new producer; `run` follows the producer."""

    class Meta:
        model = Request

    id = factory.Sequence(lambda n: FIRST_ID + n)
    producer = factory.SubFactory(ProducerFactory)
    run = factory.SelfAttribute("producer.run")
    provider = factory.SubFactory(ProviderFactory)
    prompt = factory.SubFactory(PromptFactory)
    batch_id = factory.Sequence(lambda n: f"batch-{n}")
    finished_at = factory.LazyFunction(lambda: datetime.now(UTC))
    started_at = factory.LazyAttribute(lambda request: request.finished_at - timedelta(seconds=1))
    outcome = Request.Outcome.COMPLETE


class AttributeFactory(DjangoModelFactory):  # type: ignore[misc]
    """An entry, with the request that first yielded it; its topic is the one of the request's run."""

    class Meta:
        model = Attribute

    id = factory.Sequence(lambda n: FIRST_ID + n)
    request = factory.SubFactory(RequestFactory)
    topic = factory.SelfAttribute("request.run.topic")
    key = factory.LazyAttribute(lambda attribute: attribute.id.to_bytes(16))
    text = factory.Sequence(lambda n: f"Entry {n}")
    folded = factory.LazyAttribute(lambda attribute: folded_beside(attribute.text, MAX_ATTRIBUTE_LENGTH))


class ReviewFactory(DjangoModelFactory):  # type: ignore[misc]
    """What somebody said of an entry; give the `attribute`, or topic, key and found."""

    class Meta:
        model = Review

    class Params:
        attribute = factory.SubFactory(AttributeFactory)

    topic = factory.SelfAttribute("attribute.topic")
    key = factory.SelfAttribute("attribute.key")
    found = factory.SelfAttribute("attribute.text")
    verdict = Review.Verdict.REJECTED
    at = factory.LazyFunction(timezone.now)


class ExportFactory(DjangoModelFactory):  # type: ignore[misc]
    """An export of a whole list that waits for a worker; nothing is queued."""

    class Meta:
        model = Export

    owner = factory.SubFactory(UserFactory)
    topic = factory.SubFactory(TopicFactory)
    topic_name = factory.SelfAttribute("topic.name")
    query = factory.LazyAttribute(lambda export: f"topic={export.topic.pk}")
    format = "txt"
    asked_at = factory.LazyFunction(timezone.now)
    beat_at = factory.SelfAttribute("asked_at")


def colleague(*permissions: str) -> Any:
    """A member with these permissions."""
    return factory.SubFactory(UserFactory, permissions=permissions)


class TopicWatcherFactory(DjangoModelFactory):  # type: ignore[misc]
    class Meta:
        model = TopicWatcher

    topic = factory.SubFactory(TopicFactory)
    user = colleague("topics.view_topic")


class TopicScheduleFactory(DjangoModelFactory):  # type: ignore[misc]
    """Every night at half past two, asked for by somebody who may."""

    class Meta:
        model = TopicSchedule

    topic = factory.SubFactory(TopicFactory)
    at = time(2, 30)
    asked_by = colleague("topics.change_topic", "topics.view_topic")


class NotificationFactory(DjangoModelFactory):  # type: ignore[misc]
    class Meta:
        model = Notification

    user = colleague("topics.view_topic")
    run = factory.SubFactory(RunFactory, over=True)
    kind = Notification.Kind.ENDED
    words = "Run 1 of “Zoo” has ended: the list has the 500 entries that were asked for."
    created_at = factory.LazyFunction(timezone.now)
    mail_after = factory.SelfAttribute("created_at")


class ApiTokenFactory(DjangoModelFactory):  # type: ignore[misc]
    """A token; give the `secret` that a program sends."""

    class Meta:
        model = ApiToken

    class Params:
        secret = factory.Sequence(lambda n: f"igentai_secret{n}")

    user = factory.SubFactory(UserFactory)
    name = "nightly job"
    prefix = "igentai_secret"
    hash = factory.LazyAttribute(lambda token: digest(token.secret))
