"""Who produces: configured models, the worker processes of a run, and how often each picks which model."""

from __future__ import annotations

from django.core.exceptions import ValidationError
from django.core.validators import MaxValueValidator, MinValueValidator
from django.db import models
from django.db.models import Q

from producers.providers.vendors import VENDOR_KEYS
from producers.validators import validate_base_url, validate_key_variable
from topics.models import Topic

SHARE = [MinValueValidator(0.0), MaxValueValidator(1.0)]


class Provider(models.Model):
    """A configured model behind an API: kind, model, price, weight.

    Keys are never stored: `key_variable` names the environment variable that holds one. Rates are USD per
    million tokens; empty means the known price of the model, where there is one.
    """

    class Kind(models.TextChoices):
        SIMULATED = "simulated"
        OPENAI = "openai", "OpenAI-compatible"
        ANTHROPIC = "anthropic", "Anthropic"
        GEMINI = "gemini", "Google Gemini"

    name = models.CharField(max_length=100, unique=True)
    kind = models.CharField(max_length=20, choices=Kind.choices)
    model = models.CharField(max_length=200)
    base_url = models.CharField(
        "base URL",
        max_length=300,
        blank=True,
        validators=[validate_base_url],
        help_text="Empty: as the vendor's variable says.",
    )
    key_variable = models.CharField(
        max_length=100,
        blank=True,
        validators=[validate_key_variable],
        help_text="The environment variable that holds the key, never the key itself; it ends in _API_KEY.",
    )
    weight = models.FloatField(default=1.0, validators=SHARE)
    input_rate = models.DecimalField(max_digits=12, decimal_places=6, null=True, blank=True)
    output_rate = models.DecimalField(max_digits=12, decimal_places=6, null=True, blank=True)
    cached_rate = models.DecimalField(
        max_digits=12,
        decimal_places=6,
        null=True,
        blank=True,
        help_text="Empty: cached tokens cost as much as others.",
    )
    daily_cap_usd = models.DecimalField(
        "daily cap, USD",
        max_digits=10,
        decimal_places=4,
        null=True,
        blank=True,
        validators=[MinValueValidator(0)],
        help_text="The most that all runs together may spend on it from midnight to midnight UTC. Empty: no cap.",
    )
    requests_per_minute = models.PositiveIntegerField(
        null=True, blank=True, validators=[MinValueValidator(1)], help_text="As your contract with the vendor says."
    )
    tokens_per_minute = models.PositiveIntegerField(null=True, blank=True, validators=[MinValueValidator(1)])
    concurrency = models.PositiveSmallIntegerField(
        default=16,
        validators=[MinValueValidator(1)],
        help_text="The most requests at a time, of all producers together; fewer while the vendor says 'too many'.",
    )
    thinking_tokens = models.PositiveIntegerField(
        null=True,
        blank=True,
        validators=[MaxValueValidator(100_000)],
        help_text="For models that think before they write: so many tokens are added to the bound of each answer, "
        "which their thoughts would use up, and to the money that is set aside for it. Empty: none.",
    )
    options = models.JSONField(default=dict, blank=True)
    enabled = models.BooleanField(default=True)
    for_all = models.BooleanField(
        "for all topics",
        default=True,
        help_text="Topics that chose no providers ask it. One that the command line named is for the topic that it "
        "was named for, until you say otherwise.",
    )

    class Meta:
        ordering = ("name",)
        constraints = [
            models.CheckConstraint(condition=Q(weight__gte=0, weight__lte=1), name="provider_weight_share"),
            models.CheckConstraint(
                # A check that comes out as NULL passes, so that neither is NULL has to be said.
                condition=Q(input_rate__isnull=True, output_rate__isnull=True)
                | Q(input_rate__isnull=False, output_rate__isnull=False, input_rate__gte=0, output_rate__gte=0),
                name="provider_rates_both_or_none",
            ),
            models.CheckConstraint(
                condition=Q(cached_rate__isnull=True) | Q(cached_rate__gte=0, input_rate__isnull=False),
                name="provider_cached_rate_with_others",
            ),
            models.CheckConstraint(
                condition=Q(daily_cap_usd__isnull=True) | Q(daily_cap_usd__gte=0), name="provider_daily_cap_positive"
            ),
            models.CheckConstraint(condition=Q(concurrency__gte=1), name="provider_concurrency_positive"),
        ]

    def __str__(self) -> str:
        return self.name

    def clean(self) -> None:
        if (self.input_rate is None) != (self.output_rate is None):
            raise ValidationError("Give both rates or none.")
        if self.cached_rate is not None and self.input_rate is None:
            raise ValidationError({"cached_rate": "Give the other two rates as well."})
        if self.base_url and self.key_variable in VENDOR_KEYS:
            raise ValidationError({"key_variable": "This key is for its vendor's address. Name another variable."})

    @property
    def is_simulated(self) -> bool:
        return self.kind == Provider.Kind.SIMULATED


class TopicProvider(models.Model):
    """A provider that people chose for a topic, with the weight it begins with.

    None chosen: all that are enabled and for all.
    """

    topic = models.ForeignKey(Topic, on_delete=models.CASCADE, related_name="chosen_providers", db_index=False)
    provider = models.ForeignKey(Provider, on_delete=models.CASCADE, related_name="chosen_by")
    weight = models.FloatField(default=1.0, validators=SHARE)

    class Meta:
        ordering = ("topic", "provider")
        constraints = [
            models.UniqueConstraint(fields=["topic", "provider"], name="topic_provider_unique"),
            models.CheckConstraint(condition=Q(weight__gte=0, weight__lte=1), name="topic_provider_weight_share"),
        ]

    def __str__(self) -> str:
        return f"{self.topic}: {self.provider}"


class Producer(models.Model):
    """One worker process of a run: it owns a slot, a partition and a prompt; restarts keep the row.

    `restarts_asked` counts how often people asked for a restart, which the engine answers with a new life.
    """

    class State(models.TextChoices):
        STARTING = "starting"
        RUNNING = "running"
        BACKING_OFF = "backing_off", "restarting soon"
        DONE = "done"
        FAILED = "failed"
        STOPPED = "stopped"

    run = models.ForeignKey("orchestration.Run", on_delete=models.CASCADE, related_name="producers", db_index=False)
    slot = models.PositiveSmallIntegerField()
    state = models.CharField(max_length=12, choices=State.choices, default=State.STARTING)
    detail = models.CharField(max_length=500, blank=True)
    pid = models.PositiveIntegerField(null=True)
    restarts = models.PositiveIntegerField(default=0)
    restarts_asked = models.PositiveIntegerField(default=0, editable=False)
    partition = models.CharField(max_length=200, blank=True)
    prompt = models.TextField(blank=True)
    last_seen_at = models.DateTimeField(null=True)

    class Meta:
        ordering = ("run", "slot")
        constraints = [
            models.UniqueConstraint(fields=["run", "slot"], name="producer_run_slot_unique"),
        ]

    def __str__(self) -> str:
        return f"producer {self.slot}"


class ProviderWeight(models.Model):
    """How often a producer picks a provider, 0 to 1. The optimiser changes those that are not `pinned`."""

    producer = models.ForeignKey(Producer, on_delete=models.CASCADE, related_name="weights", db_index=False)
    provider = models.ForeignKey(Provider, on_delete=models.CASCADE, related_name="producer_weights")
    weight = models.FloatField(validators=SHARE)
    pinned = models.BooleanField(default=False, help_text="Held fast by people: the optimiser leaves it as it is.")

    class Meta:
        ordering = ("producer", "provider")
        constraints = [
            models.UniqueConstraint(fields=["producer", "provider"], name="provider_weight_unique"),
            models.CheckConstraint(condition=Q(weight__gte=0, weight__lte=1), name="provider_weight_is_share"),
        ]

    def __str__(self) -> str:
        return f"{self.producer}: {self.provider} {self.weight:g}"
