"""The people's side of the list: what they want explored, and the entries that were found."""

from __future__ import annotations

import unicodedata
from typing import ClassVar

from django.conf import settings
from django.core.exceptions import ValidationError
from django.core.validators import MaxLengthValidator, MaxValueValidator, MinValueValidator
from django.db import models, transaction
from django.db.models import Q

from topics.exports.models import Export as Export  # here, as Django looks for an app's models in this module
from topics.folders import UnusableName, folder_name, free_folder_name
from topics.validators import more_than_zero
from topics.wishes import DesiredState as DesiredState
from topics.wishes import TopicQuerySet as TopicQuerySet

DEFAULT_PROMPT = (
    "Name entries that really exist and truly belong to the topic. Give each entry by its common name, once, "
    "without explanation. Prefer entries that others would forget."
)
MAX_ATTRIBUTE_LENGTH = 200


def clean_name(name: str) -> str:
    """A topic's name as it is kept: one line, single spaces, composed characters."""
    return " ".join(unicodedata.normalize("NFC", name).split())


class Routing(models.TextChoices):
    WEIGHTED = "weighted", "weighted: by the weights"
    PRIORITY = "priority", "priority: the highest weight that works"
    ROUND_ROBIN = "round_robin", "round robin: one after the other"
    BACKOFF = "backoff", "backoff: stay with one, move on when it fails"


class Partition(models.TextChoices):
    AUTO = "auto", "auto"
    CATEGORY = "category", "categories"
    ALPHABET = "alphabet", "alphabet ranges"
    SEMANTIC = "semantic", "semantic clusters"
    NONE = "none", "none"


class Optimise(models.TextChoices):
    COST = "cost"
    SPEED = "speed"
    BALANCED = "balanced"


class Topic(models.Model):
    """What is explored, with its prompt, limits and settings.

    `starts` counts how often a start was asked for; the engine answers each with the run of that number. So a
    run that ended by itself is not started again, and one that a crash interrupted is; one that is paused goes on
    with the same start. `reviews` is raised with each
    change of a review, so that whoever has read them knows when to read them again.
    """

    name = models.CharField(max_length=200, unique=True)
    folder = models.CharField(max_length=130, editable=False)
    prompt = models.TextField(default=DEFAULT_PROMPT, blank=True, validators=[MaxLengthValidator(10_000)])
    desired_state = models.CharField(
        max_length=10, choices=DesiredState.choices, default=DesiredState.STOPPED, editable=False
    )
    starts = models.PositiveIntegerField(default=0, editable=False)
    replace_list = models.BooleanField(default=True, editable=False)
    producer_count = models.PositiveSmallIntegerField(
        null=True,
        blank=True,
        validators=[MinValueValidator(1), MaxValueValidator(64)],
        help_text="Producer processes for this topic; empty: as the engine was started with.",
    )
    in_flight = models.PositiveSmallIntegerField(
        "requests in flight",
        default=2,
        validators=[MinValueValidator(1), MaxValueValidator(64)],
        help_text="Requests that each producer keeps open at once.",
    )
    request_size = models.PositiveSmallIntegerField(
        default=60,
        validators=[MinValueValidator(1), MaxValueValidator(1000)],
        help_text="Entries asked for in a request.",
    )
    routing = models.CharField(max_length=12, choices=Routing.choices, default=Routing.WEIGHTED)
    partition = models.CharField(max_length=10, choices=Partition.choices, default=Partition.AUTO)
    optimise = models.CharField(max_length=10, choices=Optimise.choices, default=Optimise.COST)
    target = models.PositiveIntegerField(
        null=True, blank=True, validators=[more_than_zero], help_text="Stop at this many entries."
    )
    budget_usd = models.DecimalField(
        "budget (USD)",
        max_digits=10,
        decimal_places=4,
        null=True,
        blank=True,
        validators=[more_than_zero],
    )
    minutes = models.FloatField(null=True, blank=True, validators=[more_than_zero])
    iterations = models.PositiveIntegerField(
        null=True, blank=True, validators=[more_than_zero], help_text="Requests per producer."
    )
    coverage = models.FloatField(
        null=True,
        blank=True,
        validators=[more_than_zero, MaxValueValidator(1)],
        help_text="Stop when at least this share (0 to 1) of what the providers know is found.",
    )
    price_usd = models.DecimalField(
        "price (USD)",
        max_digits=10,
        decimal_places=4,
        null=True,
        blank=True,
        validators=[more_than_zero],
        help_text="Stop when the next 100 entries would cost more.",
    )
    optimise_interval = models.FloatField(
        "optimiser's interval (seconds)",
        default=15.0,
        validators=[MinValueValidator(1), MaxValueValidator(3600)],
        help_text="How long the optimiser waits between two looks, at the most; it looks sooner when much has come.",
    )
    reviews = models.PositiveIntegerField(default=0, editable=False)
    created_at = models.DateTimeField(auto_now_add=True)

    objects: ClassVar[models.Manager[Topic]] = TopicQuerySet.as_manager()

    class Meta:
        ordering = ("name",)
        constraints = [
            models.UniqueConstraint(fields=["folder"], name="topic_folder_unique"),
            models.CheckConstraint(condition=Q(request_size__gte=1), name="topic_request_size_positive"),
            models.CheckConstraint(condition=Q(in_flight__gte=1), name="topic_in_flight_positive"),
        ]
        indexes = [
            # The engine asks twice a second which topics should be running.
            models.Index(fields=["desired_state"], name="topic_desired_state"),
        ]

    def __str__(self) -> str:
        return self.name

    def save(self, *args: object, **kwargs: object) -> None:
        """Save; a new topic gets a folder that no other topic has. Raises UnusableName."""
        if self.folder:
            super().save(*args, **kwargs)  # type: ignore[arg-type]
            return
        with transaction.atomic():
            plain = folder_name(self.name)
            taken = set(Topic.objects.filter(folder__startswith=plain).values_list("folder", flat=True))
            self.folder = free_folder_name(self.name, taken)
            super().save(*args, **kwargs)  # type: ignore[arg-type]

    def save_settings(self) -> None:
        """Save what people edit, and nothing else: what they want of the topic may have changed since it was read."""
        if self._state.adding:
            self.save()
            return
        fields = self._meta.concrete_fields
        self.save(update_fields=[field.name for field in fields if field.editable and not field.primary_key])

    def clean(self) -> None:
        if not self.name:
            return  # its field has said so
        self.name = clean_name(self.name)
        if not self.name.isprintable():
            raise ValidationError({"name": "The name must not hold control characters."})
        try:
            folder_name(self.name)
        except UnusableName as error:
            raise ValidationError({"name": str(error)}) from error


class TopicPartition(models.Model):
    """A part of a topic that producers are asked for. The engine opens, splits and retires parts; people may add
    categories, and leave a part out.

    `words` say it to a model. `data` is the part as `logic.parts` has it, `parent` the words of the part that it was
    split from, `by_person`: people added it. `left_out` is what people want, `state` what the engine does.
    """

    class State(models.TextChoices):
        OPEN = "open"
        SPLIT = "split"
        RETIRED = "retired"

    topic = models.ForeignKey(Topic, on_delete=models.CASCADE, related_name="partitions", db_index=False)
    words = models.CharField("part", max_length=200)
    parent = models.CharField(max_length=200, blank=True, editable=False)
    data = models.JSONField(default=dict, editable=False)
    state = models.CharField(max_length=10, choices=State.choices, default=State.OPEN, editable=False)
    by_person = models.BooleanField(default=False, editable=False)
    left_out = models.BooleanField(default=False, help_text="Ask for it no more, from the next request on.")

    class Meta:
        ordering = ("topic", "id")
        verbose_name = "part"
        constraints = [
            models.UniqueConstraint(fields=["topic", "words"], name="topic_partition_words_unique"),
        ]

    def __str__(self) -> str:
        return self.words


class Attribute(models.Model):
    """One entry of a topic's list: a candidate that was accepted as unique.

    Written only by the engine, which numbers the rows itself: `id` is the order of commits, over all topics and
    for ever, so a reader that has seen up to an id has missed nothing before it. `times_seen` counts how often
    candidates with this key arrived, the first included. `folded` is the text without case and accents, for the
    search; empty where the text is ASCII, as then the text itself will do.
    """

    id = models.BigIntegerField(primary_key=True)
    topic = models.ForeignKey(Topic, on_delete=models.CASCADE, related_name="attributes", db_index=False)
    key = models.BinaryField(max_length=16)
    text = models.CharField(max_length=MAX_ATTRIBUTE_LENGTH)
    # No index: requests are not deleted under their attributes, and nobody looks from request to attributes.
    request = models.ForeignKey(
        "orchestration.Request", on_delete=models.DO_NOTHING, related_name="first_yielded", db_index=False
    )
    times_seen = models.PositiveIntegerField(default=1)
    folded = models.CharField(max_length=MAX_ATTRIBUTE_LENGTH, default="", db_default="", blank=True)

    class Meta:
        ordering = ("id",)
        verbose_name, verbose_name_plural = "entry", "entries"
        constraints = [
            # Decides uniqueness, whatever memory believed.
            models.UniqueConstraint(fields=["topic", "key"], name="attribute_topic_key_unique"),
        ]
        indexes = [
            # The portal's tail, the output file and the known keys at a start: a topic's entries in commit order.
            models.Index(fields=["topic", "id"], name="attribute_topic_order"),
        ]

    def __str__(self) -> str:
        return self.text


class Review(models.Model):
    """What people say of an entry: whether it belongs to the list, and how it is to be written.

    It goes by the entry's key and outlives the list, so what people reject does not come back after a start over.
    `found` is the entry as it was found, `text` how it is written instead, empty where people left it as it was.
    """

    class Verdict(models.TextChoices):
        NONE = "", "none"
        ACCEPTED = "accepted"
        REJECTED = "rejected"

    topic = models.ForeignKey(Topic, on_delete=models.CASCADE, related_name="reviewed", db_index=False)
    key = models.BinaryField(max_length=16)
    verdict = models.CharField(max_length=10, choices=Verdict.choices, default=Verdict.NONE, blank=True)
    found = models.CharField(max_length=MAX_ATTRIBUTE_LENGTH)
    text = models.CharField(max_length=MAX_ATTRIBUTE_LENGTH, blank=True)
    by = models.ForeignKey(
        settings.AUTH_USER_MODEL, on_delete=models.SET_NULL, null=True, related_name="reviews", db_index=False
    )
    at = models.DateTimeField()

    class Meta:
        ordering = ("topic", "id")
        constraints = [
            models.UniqueConstraint(fields=["topic", "key"], name="review_topic_key_unique"),
        ]
        indexes = [
            # The rejected ones, for the engine and the list.
            models.Index(fields=["topic", "verdict"], name="review_topic_verdict"),
            # The corrected ones, among very many that are only judged: for the search, and for the next correction.
            models.Index(fields=["topic", "id"], condition=~Q(text=""), name="review_corrections"),
        ]

    def __str__(self) -> str:
        return f"{self.found}: {self.verdict or 'no verdict'}"


# In a file of their own; Django looks for models here.
from topics.schedule_models import TopicSchedule as TopicSchedule  # noqa: E402
from topics.schedule_models import TopicWatcher as TopicWatcher  # noqa: E402
