"""Every named constraint of the models is the database's own, and refuses what it was made to refuse."""

from decimal import Decimal

import pytest
from django.apps import apps
from django.db import IntegrityError, connection, transaction
from django.utils import timezone

from orchestration.models import EngineLease, JobsHealth, Request, Run
from orchestration.reservations import LostSpending, Reservation
from producers.models import Producer, Provider, ProviderWeight, TopicProvider
from tests.factories import (
    AttributeFactory,
    ExportFactory,
    NotificationFactory,
    ProducerFactory,
    ProviderFactory,
    ProviderWeightFactory,
    RequestFactory,
    ReviewFactory,
    RunFactory,
    TopicFactory,
    TopicScheduleFactory,
    TopicWatcherFactory,
)
from topics.models import Attribute, Export, Topic, TopicPartition

pytestmark = [pytest.mark.storage, pytest.mark.django_db(transaction=True)]


def same_folder():
    TopicFactory(folder="paris")
    TopicFactory(folder="paris")


def same_key():
    first = AttributeFactory()
    AttributeFactory(topic=first.topic, request=first.request, key=first.key)


def same_run():
    run = RunFactory()
    RunFactory(topic=run.topic, number=run.number)


def same_part():
    topic = TopicFactory()
    for _ in range(2):
        TopicPartition.objects.create(topic=topic, words="entries of the category Museums")


def same_slot():
    producer = ProducerFactory()
    ProducerFactory(run=producer.run, slot=producer.slot)


def same_batch():
    request = RequestFactory()
    RequestFactory(producer=request.producer, batch_id=request.batch_id)


def same_review():
    review = ReviewFactory()
    ReviewFactory(topic=review.topic, key=review.key, found="again")


def same_weight():
    weight = ProviderWeightFactory()
    ProviderWeightFactory(producer=weight.producer, provider=weight.provider)


def same_choice():
    topic, provider = TopicFactory(), ProviderFactory()
    for _ in range(2):
        TopicProvider.objects.create(topic=topic, provider=provider)


def choice_weighing(weight):
    TopicProvider.objects.create(topic=TopicFactory(), provider=ProviderFactory(), weight=weight)


def same_reservation():
    producer, provider = ProducerFactory(), ProviderFactory()
    for _ in range(2):
        Reservation.objects.create(
            ask_id="a", run=producer.run, producer=producer, provider=provider, worst_usd=1, made_at=timezone.now()
        )


def same_loss():
    provider = ProviderFactory()
    for _ in range(2):
        LostSpending.objects.create(day=timezone.now().date(), provider=provider)


def two_leases():
    EngineLease.objects.create(id=1)
    EngineLease.objects.create(id=2)


def two_healths():
    JobsHealth.objects.create(id=1)
    JobsHealth.objects.create(id=2)


def told_twice():
    first = NotificationFactory()
    NotificationFactory(user=first.user, run=first.run, kind=first.kind)


def same_watcher():
    watcher = TopicWatcherFactory()
    TopicWatcherFactory(topic=watcher.topic, user=watcher.user)


VIOLATIONS = [
    ("jobs_health_singleton", two_healths),
    ("notification_once", told_twice),
    ("topic_watcher_unique", same_watcher),
    ("topic_schedule_has_days", lambda: TopicScheduleFactory(days="")),
    ("topic_partition_words_unique", same_part),
    ("topic_folder_unique", same_folder),
    ("topic_request_size_positive", lambda: TopicFactory(request_size=0)),
    ("topic_in_flight_positive", lambda: TopicFactory(in_flight=0)),
    ("attribute_topic_key_unique", same_key),
    ("provider_weight_share", lambda: ProviderFactory(weight=1.01)),
    ("provider_weight_share", lambda: ProviderFactory(weight=-0.01)),
    ("provider_rates_both_or_none", lambda: ProviderFactory(input_rate=Decimal(1))),
    ("provider_rates_both_or_none", lambda: ProviderFactory(output_rate=Decimal(1))),
    ("provider_rates_both_or_none", lambda: ProviderFactory(input_rate=Decimal(-1), output_rate=Decimal(1))),
    ("provider_cached_rate_with_others", lambda: ProviderFactory(cached_rate=Decimal(1))),
    ("provider_daily_cap_positive", lambda: ProviderFactory(daily_cap_usd=Decimal(-1))),
    ("provider_concurrency_positive", lambda: ProviderFactory(concurrency=0)),
    ("reservation_producer_ask_unique", same_reservation),
    ("lost_spending_day_provider_unique", same_loss),
    ("topic_provider_unique", same_choice),
    ("topic_provider_weight_share", lambda: choice_weighing(2.0)),
    ("topic_provider_weight_share", lambda: choice_weighing(-1.0)),
    ("review_topic_key_unique", same_review),
    ("export_ready_has_file", lambda: ExportFactory(state=Export.State.READY, expires_at=timezone.now())),
    ("export_ready_has_file", lambda: ExportFactory(state=Export.State.READY, file="x.txt")),
    ("producer_run_slot_unique", same_slot),
    ("provider_weight_unique", same_weight),
    ("provider_weight_is_share", lambda: ProviderWeightFactory(weight=1.5)),
    ("provider_weight_is_share", lambda: ProviderWeightFactory(weight=-0.5)),
    ("engine_lease_singleton", two_leases),
    ("run_topic_number_unique", same_run),
    ("run_ended_has_time", lambda: RunFactory(state=Run.State.ENDED)),
    ("run_ended_has_time", lambda: RunFactory(state=Run.State.FAILED)),
    ("run_ended_has_time", lambda: RunFactory(state=Run.State.RUNNING, ended_at=timezone.now())),
    ("request_producer_batch_unique", same_batch),
    ("request_unique_bounded", lambda: RequestFactory(candidates=1, unique=2)),
]


def spoken_of(model, name):
    """How the database speaks of the constraint: SQLite names checks only, and columns for the rest."""
    [constraint] = [each for each in model._meta.constraints if each.name == name]
    if connection.vendor == "postgresql" or not hasattr(constraint, "fields"):
        return name
    columns = [model._meta.get_field(field).column for field in constraint.fields]
    return ", ".join(f"{model._meta.db_table}.{column}" for column in columns)


def model_of(name):
    [found] = [model for model in apps.get_models() for each in model._meta.constraints if each.name == name]
    return found


@pytest.mark.parametrize(("name", "violate"), VIOLATIONS, ids=[name for name, _ in VIOLATIONS])
def test_the_database_refuses_the_violation_of(name, violate):
    with pytest.raises(IntegrityError) as refusal, transaction.atomic():
        violate()
    assert spoken_of(model_of(name), name) in str(refusal.value)


def test_every_constraint_is_violated_here():
    ours = [model for model in apps.get_models() if model._meta.app_label in ("topics", "producers", "orchestration")]
    assert {each.name for model in ours for each in model._meta.constraints} == {name for name, _ in VIOLATIONS}


def test_what_belongs_to_a_deleted_topic_goes_with_it():
    attribute = AttributeFactory()
    ProviderWeightFactory(producer=attribute.request.producer)
    attribute.topic.delete()
    left = [Topic, Run, Producer, ProviderWeight, Request, Attribute]
    assert [model._default_manager.count() for model in left] == [0] * len(left)
    assert Provider.objects.count() == 2


def test_a_provider_with_requests_is_kept():
    request = RequestFactory()
    with pytest.raises(IntegrityError):
        request.provider.delete()
