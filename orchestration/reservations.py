"""Money that is not settled: set aside for requests under way, and lost with those that were never heard of again."""

from __future__ import annotations

from decimal import Decimal

from django.db import models

from producers.models import Producer, Provider


class Reservation(models.Model):
    """The worst cost of a request that was permitted and has not been heard of since.

    Written before the permit and deleted with the request's own row, in one transaction. One that an engine finds
    at its start is of a request that a crash cut off: what it cost nobody knows, so its worst becomes `lost_usd`.
    """

    ask_id = models.CharField(max_length=40)
    run = models.ForeignKey("orchestration.Run", on_delete=models.CASCADE, related_name="reservations")
    producer = models.ForeignKey(Producer, on_delete=models.CASCADE, related_name="reservations", db_index=False)
    provider = models.ForeignKey(Provider, on_delete=models.CASCADE, related_name="reservations", db_index=False)
    worst_usd = models.DecimalField(max_digits=14, decimal_places=8)
    made_at = models.DateTimeField()

    class Meta:
        ordering = ("id",)
        constraints = [
            models.UniqueConstraint(fields=["producer", "ask_id"], name="reservation_producer_ask_unique"),
        ]

    def __str__(self) -> str:
        return f"{self.worst_usd} USD for {self.ask_id}"


class LostSpending(models.Model):
    """What requests may have cost beyond what is known, by day (UTC) and provider; see `Run.lost_usd`."""

    day = models.DateField()
    provider = models.ForeignKey(Provider, on_delete=models.CASCADE, related_name="lost_spending", db_index=False)
    worst_usd = models.DecimalField(max_digits=14, decimal_places=8, default=Decimal(0))

    class Meta:
        ordering = ("day", "provider")
        constraints = [
            models.UniqueConstraint(fields=["day", "provider"], name="lost_spending_day_provider_unique"),
        ]

    def __str__(self) -> str:
        return f"{self.day}, {self.provider}: {self.worst_usd} USD"
