"""Providers as the team configures them; producers to look at."""

from __future__ import annotations

from typing import Any

from django.contrib import admin
from django.db.models import ForeignKey, QuerySet, URLField
from django.forms import ModelChoiceField, ModelForm
from django.http import HttpRequest

from producers.models import Producer, Provider, ProviderWeight, TopicProvider
from topics.admin import BoundedAdmin, topic_inlines


class ProviderAdmin(admin.ModelAdmin):  # type: ignore[type-arg]
    """Registered by the app above this one, which adds what it knows of keys and health."""

    list_display: tuple[str, ...] = ("name", "kind", "model", "weight", "input_rate", "output_rate", "enabled")
    list_filter = ("kind", "enabled")
    search_fields = ("name", "model")
    formfield_overrides = {URLField: {"assume_scheme": "https"}}
    fieldsets = (
        (
            None,
            {
                "fields": (("name", "enabled", "for_all"), ("kind", "model"), "weight"),
                "description": (
                    "Simulated providers answer from a built-in world of data, to try igentai out. "
                    "Every other kind calls a vendor, who bills you, or a server of your own."
                ),
            },
        ),
        ("Where it is, and who pays", {"fields": ("base_url", "key_variable")}),
        (
            "Price",
            {
                "fields": (("input_rate", "output_rate", "cached_rate"),),
                "description": "USD per million tokens. Empty: the known price of the model, if any. Free: 0.",
            },
        ),
        (
            "How much, and how fast",
            {
                "fields": (
                    "daily_cap_usd",
                    ("requests_per_minute", "tokens_per_minute"),
                    "concurrency",
                    "thinking_tokens",
                ),
                "description": "Limits over all topics and producers together.",
            },
        ),
        ("Vendor's options", {"fields": ("options",), "classes": ("collapse",)}),
    )

    def get_deleted_objects(
        self, objs: Any, request: HttpRequest
    ) -> tuple[list[Any], dict[Any, Any], set[Any], list[Any]]:
        """A summary: Django's own would list each request that protects a provider."""
        providers = list(objs)
        used = [provider for provider in providers if provider.requests.exists()]
        named = [f"Provider: {provider}" for provider in providers]
        reasons = [f"{provider} has answered requests: disable it instead of deleting it." for provider in used]
        return named, {Provider._meta.verbose_name_plural: len(providers)}, set(), reasons


class TopicProviderInline(admin.TabularInline):  # type: ignore[type-arg]
    model = TopicProvider
    extra = 0
    verbose_name = "provider"
    verbose_name_plural = "Providers (none chosen: all that are enabled and for all topics)"

    def get_queryset(self, request: HttpRequest) -> QuerySet[TopicProvider]:
        return super().get_queryset(request).select_related("topic", "provider")

    def formfield_for_foreignkey(
        self, db_field: ForeignKey[Any, Any], request: HttpRequest, **kwargs: Any
    ) -> ModelChoiceField[Any] | None:
        field = super().formfield_for_foreignkey(db_field, request, **kwargs)
        if field is not None and db_field.name == "provider":
            # Read once for all rows of the inline, not once for each.
            choices: Any = field.choices
            field.choices = list(iter(choices))
        return field


topic_inlines.append(TopicProviderInline)


class WeightForm(ModelForm):  # type: ignore[type-arg]
    """Who changes a weight means it: the optimiser is to leave it alone, until the pin is taken off."""

    class Meta:
        model = ProviderWeight
        fields = ("weight", "pinned")

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        # Changed is what differs from what was shown, not from what the optimiser has made of it meanwhile.
        self.fields["weight"].show_hidden_initial = True

    def save(self, commit: bool = True) -> Any:
        changed = list(self.changed_data)
        if "weight" in changed:
            self.instance.pinned = True
            changed.append("pinned")
        self.instance.save(update_fields=set(changed))
        return self.instance


class ProviderWeightInline(admin.TabularInline):  # type: ignore[type-arg]
    """Weights of one producer: a change takes effect with its next request, and holds: it is pinned."""

    model = ProviderWeight
    form = WeightForm
    fields = ("provider", "weight", "pinned")
    readonly_fields = ("provider",)
    can_delete = False
    extra = 0

    def get_queryset(self, request: HttpRequest) -> Any:
        return super().get_queryset(request).select_related("provider")

    def has_add_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return False


@admin.register(Producer)
class ProducerAdmin(BoundedAdmin):
    list_display = ("slot", "run", "state", "part", "restarts", "last_seen_at", "detail")
    list_filter = ("state",)
    list_select_related = ("run__topic",)
    fields = ("run", "slot", "state", "detail", "pid", "restarts", "part", "prompt", "last_seen_at")
    readonly_fields = fields
    inlines = (ProviderWeightInline,)

    @admin.display(description="part")
    def part(self, producer: Producer) -> str:
        return producer.partition or "the whole topic"

    def has_change_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        # For the weights, which are people's; all else is what the engine observed.
        return admin.ModelAdmin.has_change_permission(self, request, obj)

    def save_model(self, request: HttpRequest, obj: Producer, form: Any, change: bool) -> None:
        """Nothing of the row itself: it would overwrite what the engine has written meanwhile."""
