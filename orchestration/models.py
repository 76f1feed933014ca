"""What the engine observed: its lease, runs, and the requests that were made. Written by the engine alone."""

from __future__ import annotations

from decimal import Decimal
from typing import ClassVar

from django.db import models
from django.db.models import Q

from producers.models import Producer, Provider
from topics.models import Topic


class EngineLease(models.Model):
    """The one row that says which engine owns this database.

    Each take-over raises `epoch`; an engine that finds another epoch than its own has lost the lease and must
    write no more. `last_attribute_id` is the highest id ever given to an attribute, so that ids are not used
    again after a list was replaced.
    """

    SINGLETON = 1

    id = models.PositiveSmallIntegerField(primary_key=True, default=SINGLETON)
    epoch = models.BigIntegerField(default=0)
    host = models.CharField(max_length=200, blank=True)
    pid = models.PositiveIntegerField(null=True)
    process_started = models.CharField(max_length=60, blank=True)
    beat_at = models.DateTimeField(null=True)
    released = models.BooleanField(default=True)
    last_attribute_id = models.BigIntegerField(default=0)

    class Meta:
        constraints = [
            models.CheckConstraint(condition=Q(id=1), name="engine_lease_singleton"),
        ]

    def __str__(self) -> str:
        return f"engine {self.pid} on {self.host}, epoch {self.epoch}"


class RunQuerySet(models.QuerySet["Run"]):
    def active(self) -> RunQuerySet:
        """Runs that have not come to their stated end."""
        return self.filter(ended_at__isnull=True)


class Run(models.Model):
    """One exploration of a topic, from a start to its stated reason to stop.

    `number` answers the topic's start of that number. `list_number` is the number of the run that began the
    present list: it changes when a list is replaced. Counters move in the same transaction as what they count.
    The limits are those the run began with, but a budget that people change meanwhile is changed here, too.
    `simulated`: some of the list comes from simulated providers.
    `lost_usd` is what requests may have cost beyond what is known, as their producer died or their provider broke
    off; it counts against the caps. `warning` says that a cap is near.
    `active_seconds` is the time under way, interruptions left out. The repeats of requests up to the id
    `seen_through` are in the attributes' `times_seen`; after a crash the later ones are added from the requests.
    """

    class State(models.TextChoices):
        CHECKING = "checking", "checking its providers"
        RUNNING = "running"
        PAUSED = "paused"
        WAITING = "waiting", "waiting for the engine"
        ENDED = "ended"
        FAILED = "failed"

    topic = models.ForeignKey(Topic, on_delete=models.CASCADE, related_name="runs", db_index=False)
    number = models.PositiveIntegerField()
    list_number = models.PositiveIntegerField(default=0)
    state = models.CharField(max_length=10, choices=State.choices, default=State.CHECKING)
    stop_reason = models.CharField(max_length=40, blank=True)
    stop_detail = models.CharField(max_length=500, blank=True)
    started_at = models.DateTimeField(auto_now_add=True)
    ended_at = models.DateTimeField(null=True)
    active_seconds = models.FloatField(default=0.0)
    producer_count = models.PositiveSmallIntegerField()
    target = models.PositiveIntegerField(null=True)
    budget_usd = models.DecimalField(max_digits=10, decimal_places=4, null=True)
    minutes = models.FloatField(null=True)
    iterations = models.PositiveIntegerField(null=True)
    coverage = models.FloatField(null=True)
    price_usd = models.DecimalField(max_digits=10, decimal_places=4, null=True)
    simulated = models.BooleanField(default=False)
    requests = models.PositiveIntegerField(default=0)
    failed_requests = models.PositiveIntegerField(default=0)
    candidates = models.PositiveBigIntegerField(default=0)
    unique = models.PositiveBigIntegerField(default=0)
    rejected = models.PositiveBigIntegerField(default=0)
    tokens_in = models.PositiveBigIntegerField(default=0)
    tokens_out = models.PositiveBigIntegerField(default=0)
    cost_usd = models.DecimalField(max_digits=14, decimal_places=8, default=Decimal(0))
    unpriced_requests = models.PositiveIntegerField(default=0)
    lost_usd = models.DecimalField(max_digits=14, decimal_places=8, default=Decimal(0))
    warning = models.CharField(max_length=300, blank=True)
    seen_through = models.BigIntegerField(default=0)

    objects: ClassVar[models.Manager[Run]] = RunQuerySet.as_manager()

    class Meta:
        ordering = ("-id",)
        constraints = [
            models.UniqueConstraint(fields=["topic", "number"], name="run_topic_number_unique"),
            models.CheckConstraint(
                condition=Q(ended_at__isnull=True, state__in=("checking", "running", "paused", "waiting"))
                | Q(ended_at__isnull=False, state__in=("ended", "failed")),
                name="run_ended_has_time",
            ),
        ]
        indexes = [
            # The engine's question at every start: which runs must go on?
            models.Index(fields=["topic"], condition=Q(ended_at__isnull=True), name="run_active"),
        ]

    def __str__(self) -> str:
        return f"run {self.number} of {self.topic}"


class Decision(models.Model):
    """One step of the optimiser: what it changed, from what, to what, and why, in words that a person understands."""

    run = models.ForeignKey(Run, on_delete=models.CASCADE, related_name="decisions", db_index=False)
    at = models.DateTimeField()
    kind = models.CharField(max_length=20)
    subject = models.CharField(max_length=200)
    before = models.TextField(blank=True)
    after = models.TextField(blank=True)
    reason = models.TextField()

    class Meta:
        ordering = ("id",)
        indexes = [
            # The history of a run, as it is read.
            models.Index(fields=["run", "id"], name="decision_run_order"),
        ]

    def __str__(self) -> str:
        return f"{self.kind}: {self.subject}"


class Prompt(models.Model):
    """The text behind a prompt's hash."""

    hash = models.CharField(max_length=32, primary_key=True)
    text = models.TextField()

    def __str__(self) -> str:
        return self.hash


class Request(models.Model):
    """One call to a provider: its tokens, cost, latency, outcome, and what it yielded.

    The seed's ProducerRequestStatistics: timestamp is `finished_at`, provider_used `provider`, prompt_hash
    `prompt`, candidates_generated `candidates`, unique_candidates `unique`, tokens_used `tokens_in` +
    `tokens_out`, success `outcome` other than failed.

    `repeats` holds the ids of the attributes whose keys this request's candidates repeated, 8 bytes each, in
    order and as often as they came: with the attributes it first yielded, the whole record of what was seen
    when. An id below zero is that of a review: people had rejected the entry before this list began.
    `cost_usd` is empty where no price is known; the rates are those it was worked out from, USD per million
    tokens. `tokens_cached` of the `tokens_in` came from the vendor's prompt cache. `purpose` is
    "division" where categories were asked for and no entries. `style` names how it was asked;
    `probe`: blindly, only to estimate the coverage.

    The columns `filter_…` are the seed's bloom_stats: so many
    candidates were checked by the filter of known keys, so many taken for repeats, of these so many wrongly; whether
    the answer was cut for its repeats, and about how many tokens that saved.
    """

    class Outcome(models.TextChoices):
        COMPLETE = "complete"
        CUT = "cut"
        FAILED = "failed"

    id = models.BigIntegerField(primary_key=True)
    run = models.ForeignKey(Run, on_delete=models.CASCADE, related_name="request_set", db_index=False)
    producer = models.ForeignKey(Producer, on_delete=models.CASCADE, related_name="requests", db_index=False)
    provider = models.ForeignKey(Provider, on_delete=models.PROTECT, related_name="requests")
    prompt = models.ForeignKey(Prompt, on_delete=models.PROTECT, related_name="requests", db_index=False)
    batch_id = models.CharField(max_length=40)
    started_at = models.DateTimeField()
    finished_at = models.DateTimeField()
    outcome = models.CharField(max_length=10, choices=Outcome.choices)
    asked_for = models.PositiveIntegerField(default=0)
    candidates = models.PositiveIntegerField(default=0)
    unique = models.PositiveIntegerField(default=0)
    rejected = models.PositiveIntegerField(default=0)
    response_time_ms = models.PositiveIntegerField(default=0)
    tokens_in = models.PositiveIntegerField(default=0)
    tokens_out = models.PositiveIntegerField(default=0)
    tokens_estimated = models.BooleanField(default=False)
    tokens_cached = models.PositiveIntegerField(default=0)
    input_rate = models.DecimalField(max_digits=12, decimal_places=6, null=True)
    output_rate = models.DecimalField(max_digits=12, decimal_places=6, null=True)
    cost_usd = models.DecimalField(max_digits=14, decimal_places=8, null=True)
    finish_reason = models.CharField(max_length=40, blank=True)
    error_kind = models.CharField(max_length=40, blank=True)
    error = models.CharField(max_length=500, blank=True)
    partition = models.CharField(max_length=200, blank=True)
    partition_coherence = models.FloatField(null=True)
    purpose = models.CharField(max_length=10, default="entries")
    style = models.CharField(max_length=30, blank=True)
    probe = models.BooleanField(default=False)
    repeats = models.BinaryField(default=bytes)
    filter_checked = models.PositiveIntegerField(default=0)
    filter_probable = models.PositiveIntegerField(default=0)
    filter_asked_back = models.PositiveIntegerField(default=0)
    filter_aborted = models.BooleanField(default=False)
    filter_tokens_saved = models.PositiveIntegerField(default=0)

    class Meta:
        ordering = ("id",)
        constraints = [
            # A batch that is sent again after a lost ack counts once.
            models.UniqueConstraint(fields=["producer", "batch_id"], name="request_producer_batch_unique"),
            models.CheckConstraint(condition=Q(unique__lte=models.F("candidates")), name="request_unique_bounded"),
        ]
        indexes = [
            # Totals of a run when the engine resumes it, and its newest requests in the portal.
            models.Index(fields=["run", "id"], name="request_run_order"),
            # What was spent today, at the engine's start and at midnight.
            models.Index(fields=["finished_at"], name="request_by_day"),
        ]

    def __str__(self) -> str:
        return f"request {self.id}"

    @property
    def tokens_used(self) -> int:
        return self.tokens_in + self.tokens_out

    @property
    def success(self) -> bool:
        return self.outcome != self.Outcome.FAILED


class RunFigures(models.Model):
    """A run in figures, as of `updated_at`; `data` is what its metrics.json has under `statistics`.

    There: the run as a whole (`run`), and `providers` by name, `producers` by slot, `partitions` by their words,
    `prompts` by hash and `styles` by name; each of these over the run (`run`), `last_5_minutes` and
    `last_30_minutes` (null where nothing was asked); and there the counts, rates, latencies, errors by kind and the
    trend of the novelty rate, as docs/usage.md lists them. Each mapping has at most a hundred keys and `(others)`, so
    `data` stays below a megabyte. It is empty until the run's first figures.
    """

    run = models.OneToOneField(Run, on_delete=models.CASCADE, primary_key=True, related_name="figures")
    data = models.JSONField(default=dict)
    updated_at = models.DateTimeField()

    class Meta:
        ordering = ("-run_id",)
        verbose_name_plural = "run figures"

    def __str__(self) -> str:
        return f"figures of {self.run}"


class ProviderHealth(models.Model):
    """How a provider is, as the engine sees it over all producers and runs; as old as `updated_at`.

    `limit` is how many requests may be under way at a time now; it adapts.
    """

    class State(models.TextChoices):
        READY = "ready"
        PAUSED = "paused"
        OUT = "out", "out of use"

    provider = models.OneToOneField(Provider, on_delete=models.CASCADE, related_name="health")
    state = models.CharField(max_length=10, choices=State.choices, default=State.READY)
    detail = models.CharField(max_length=500, blank=True)
    paused_until = models.DateTimeField(null=True)
    failures = models.PositiveIntegerField(default=0)
    in_flight = models.PositiveIntegerField(default=0)
    limit = models.PositiveIntegerField(default=1)
    updated_at = models.DateTimeField()

    class Meta:
        ordering = ("provider",)

    def __str__(self) -> str:
        return f"{self.provider}: {self.get_state_display()}"


# In files of their own; Django looks for models here.
from orchestration.jobs.models import JobsHealth as JobsHealth  # noqa: E402
from orchestration.jobs.models import MailPreference as MailPreference  # noqa: E402
from orchestration.jobs.models import Notification as Notification  # noqa: E402
from orchestration.reservations import LostSpending as LostSpending  # noqa: E402
from orchestration.reservations import Reservation as Reservation  # noqa: E402
