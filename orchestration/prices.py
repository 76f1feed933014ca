"""What models cost, from the price list that comes with genai-prices. Nothing is looked up over the network."""

from __future__ import annotations

from decimal import Decimal
from functools import lru_cache

from orchestration.logic.pricing import Rates
from producers.models import Provider
from producers.providers.errors import ModelUnknown
from producers.providers.personalities import rates as simulated_rates

# The names of the vendors in the price list, where they are not the kind's.
PRICE_LISTS = {"gemini": "google"}


def rates_of(provider: Provider) -> Rates | None:
    """The provider's own rates, else the list price of its model, else None: unknown."""
    if provider.input_rate is not None and provider.output_rate is not None:
        return Rates(provider.input_rate, provider.output_rate, provider.cached_rate)
    if provider.is_simulated:
        return _simulated_price(provider.model)
    return _list_price(provider.kind, provider.model)


def _simulated_price(model: str) -> Rates | None:
    try:
        tokens_in, tokens_out = simulated_rates(model)
    except ModelUnknown:
        return None  # the first request will say so; the engine has other topics to look after
    return Rates(Decimal(str(tokens_in)), Decimal(str(tokens_out)))


@lru_cache(maxsize=256)
def _list_price(kind: str, model: str) -> Rates | None:
    # Imported here: it takes a second and 40 MB, and a simulated run needs none of it.
    from genai_prices import Usage, calc_price

    # A small request: a large one would meet the price of long contexts.
    thousand = 1_000
    vendor = PRICE_LISTS.get(kind, kind)
    try:
        price = calc_price(Usage(input_tokens=thousand, output_tokens=thousand), model_ref=model, provider_id=vendor)
    except LookupError:
        return None
    cached = calc_price(Usage(input_tokens=thousand, cache_read_tokens=thousand), model_ref=model, provider_id=vendor)
    return Rates(price.input_price * 1_000, price.output_price * 1_000, cached.input_price * 1_000)
