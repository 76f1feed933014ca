"""What is known of the vendors' models."""

import pytest

from producers.providers.vendors import takes_temperature


@pytest.mark.parametrize(
    ("kind", "model", "expected"),
    [
        ("openai", "gpt-4.1-mini", True),
        ("openai", "gpt-5-chat-latest", True),
        ("openai", "llama3.2:3b", True),
        ("openai", "olmo-2", True),
        ("openai", "o3-mini", False),
        ("openai", "openai/o4-mini", False),
        ("openai", "gpt-5-nano", False),
        ("gemini", "gemini-2.5-flash", True),
        ("anthropic", "claude-haiku-4-5", False),
        ("simulated", "strong", False),
        ("a kind of tomorrow", "m", True),
    ],
)
def test_a_question_carries_a_temperature_only_to_models_that_take_one(kind, model, expected):
    assert takes_temperature(kind, model) is expected
