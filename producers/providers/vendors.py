"""The vendors: where each is, what it calls its variables, what its models take.

Data; neither Django nor an HTTP client is needed.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Vendor:
    """A vendor's address, the names of its variables, and an inexpensive model of it that is good at lists.

    `version` is the path that ends every base URL: people write it or leave it out. Empty: as they wrote it.
    """

    title: str
    base_url: str
    key_host: str
    key_variable: str
    base_url_variable: str
    version: str = ""
    model: str = ""


VENDORS: Mapping[str, Vendor] = {
    "openai": Vendor(
        title="OpenAI",
        base_url="https://api.openai.com/v1",
        key_host="api.openai.com",
        key_variable="OPENAI_API_KEY",
        base_url_variable="OPENAI_BASE_URL",
        model="gpt-4.1-mini",
    ),
    "anthropic": Vendor(
        title="Anthropic",
        base_url="https://api.anthropic.com",
        key_host="api.anthropic.com",
        key_variable="ANTHROPIC_API_KEY",
        base_url_variable="ANTHROPIC_BASE_URL",
        version="/v1",
        model="claude-haiku-4-5",
    ),
    "gemini": Vendor(
        title="Google Gemini",
        base_url="https://generativelanguage.googleapis.com",
        key_host="generativelanguage.googleapis.com",
        key_variable="GEMINI_API_KEY",
        base_url_variable="GOOGLE_GEMINI_BASE_URL",
        version="/v1beta",
        model="gemini-2.5-flash",
    ),
}

# Models that refuse to be given a temperature, by kind; of the others some servers may still refuse it.
NO_TEMPERATURE: Mapping[str, re.Pattern[str]] = {
    "simulated": re.compile(""),
    "anthropic": re.compile(""),
    "openai": re.compile(r"(.*/)?(o[1-9]|gpt-5(?!-chat))"),
}


def takes_temperature(kind: str, model: str) -> bool:
    """Whether a question to this model may carry a temperature."""
    refusing = NO_TEMPERATURE.get(kind)
    return refusing is None or not refusing.match(model)


# Models that think unless they are told not to, and that can be told. A list of names needs no thoughts, and they are
# paid for as output and taken from the bound of the answer.
CAN_STOP_THINKING: Mapping[str, re.Pattern[str]] = {
    "gemini": re.compile(r"(models/)?gemini-2\.5-flash(?!.*(image|tts|audio))"),
}


def can_stop_thinking(kind: str, model: str) -> bool:
    """Whether a question to this model may ask for an answer without thoughts."""
    able = CAN_STOP_THINKING.get(kind)
    return able is not None and able.match(model) is not None


# What each vendor calls its key, old names too; none of them may be shown to another.
VENDOR_KEYS = frozenset({vendor.key_variable for vendor in VENDORS.values()} | {"GOOGLE_API_KEY"})
