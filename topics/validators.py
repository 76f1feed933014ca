"""What values of a topic have to be, beyond what Django offers."""

from __future__ import annotations

from decimal import Decimal

from django.core.exceptions import ValidationError


def more_than_zero(value: Decimal | float) -> None:
    """A limit of nothing would end a run before it has begun; no limit is an empty field."""
    if value <= 0:
        raise ValidationError("Must be more than 0; leave it empty for no limit.", code="min_value")
