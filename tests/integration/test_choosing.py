"""Which providers a run uses, and what `--provider` and `--rate` mean."""

from decimal import Decimal

import pytest

from orchestration import prices
from orchestration.choosing import BadSpec, choose, chosen_for, parse_rate, parse_spec, simulated_providers
from orchestration.logic.pricing import Rates
from producers.models import Provider, TopicProvider
from tests.factories import ProviderFactory, TopicFactory

pytestmark = [pytest.mark.storage, pytest.mark.django_db(transaction=True)]


@pytest.fixture
def topic(transactional_db):
    return TopicFactory()


def choice(topic):
    return {each.provider.name: each.weight for each in chosen_for(topic)}


# Specs


@pytest.mark.parametrize(
    ("spec", "name", "weight"),
    [
        ("my model", "my model", None),
        (" openai:gpt-4o ", "openai:gpt-4o", None),
        ("openai:gpt-4o=0.25", "openai:gpt-4o", 0.25),
        ("simulated:strong=0", "simulated:strong", 0.0),
        ("simulated:strong=1", "simulated:strong", 1.0),
        ("openai:org/model:free=.5", "openai:org/model:free", 0.5),
        ("openai:a=b=0.5", "openai:a=b", 0.5),
    ],
)
def test_a_spec_is_a_name_and_perhaps_a_weight(spec, name, weight):
    assert parse_spec(spec) == (name, weight)


@pytest.mark.parametrize("spec", ["a=2", "a=-0.1", "a=nan", "a=inf", "a=much", "a="])
def test_a_weight_that_is_no_share_is_refused(spec):
    with pytest.raises(BadSpec, match="a number from 0 to 1"):
        parse_spec(spec)


@pytest.mark.parametrize("spec", ["", "  "])
def test_an_empty_spec_is_refused(spec):
    with pytest.raises(BadSpec, match="KIND:MODEL"):
        parse_spec(spec)


def test_a_new_model_of_a_known_kind_becomes_a_provider(topic):
    choose(topic, ["openai:gpt-4o=0.5"], [])
    provider = Provider.objects.get(name="openai:gpt-4o")
    assert (provider.kind, provider.model, provider.key_variable) == ("openai", "gpt-4o", "")
    assert choice(topic) == {"openai:gpt-4o": 0.5}


def test_a_configured_provider_is_found_by_its_name(topic):
    ProviderFactory(name="ours", weight=0.7)
    choose(topic, ["ours"], [])
    assert choice(topic) == {"ours": 0.7}


def test_the_built_in_simulated_providers_have_names(topic):
    choose(topic, ["simulated-strong"], [])
    assert choice(topic) == {"simulated-strong": 1.0}
    choose(topic, ["simulated:strong"], [])
    assert Provider.objects.get(name="simulated:strong").model == "strong"


@pytest.mark.parametrize("spec", ["nobody", "llama:big", "openai:", ":gpt"])
def test_a_provider_that_does_not_exist_is_refused_with_the_kinds_there_are(topic, spec):
    with pytest.raises(BadSpec, match=r"KIND:MODEL \(simulated, openai, anthropic, gemini\)"):
        choose(topic, [spec], [])


def test_a_simulated_model_that_does_not_exist_is_refused_with_those_there_are(topic):
    with pytest.raises(BadSpec, match="strong, cheap, flaky"):
        choose(topic, ["simulated:clever"], [])


def test_a_provider_that_is_disabled_is_not_replaced_by_others(topic):
    ProviderFactory(name="ours", vendor=True, enabled=False)
    ProviderFactory(name="dear", vendor=True)
    with pytest.raises(BadSpec, match="'ours' is disabled"):
        choose(topic, ["ours"], [])


def test_a_name_that_is_too_long_is_refused(topic):
    for _ in range(2):
        with pytest.raises(BadSpec, match="100 characters"):
            choose(topic, [f"openai:{'x' * 100}"], [])


def test_a_provider_that_is_given_twice_counts_once_with_its_last_weight(topic):
    choose(topic, ["simulated:strong=0.2", "simulated:strong=0.9"], [])
    assert choice(topic) == {"simulated:strong": 0.9}


def test_a_new_choice_replaces_the_earlier_one(topic):
    choose(topic, ["simulated:strong", "simulated:cheap"], [])
    choose(topic, ["simulated:flaky"], [])
    assert choice(topic) == {"simulated:flaky": 1.0}
    choose(topic, [], [])
    assert choice(topic) == {"simulated:flaky": 1.0}


def test_a_choice_that_is_refused_changes_nothing(topic):
    choose(topic, ["simulated:strong"], [])
    with pytest.raises(BadSpec):
        choose(topic, ["simulated:cheap", "nobody"], [])
    assert choice(topic) == {"simulated:strong": 1.0}


# Defaults


def test_the_own_choice_of_a_topic_comes_first(topic):
    ProviderFactory(vendor=True)
    own = ProviderFactory()
    TopicProvider.objects.create(topic=topic, provider=own, weight=0.25)
    assert choice(topic) == {own.name: 0.25}


def test_else_all_real_providers_that_are_enabled_are_used(topic):
    simulated_providers()
    ProviderFactory(vendor=True, enabled=False)
    real = [ProviderFactory(vendor=True) for _ in range(2)]
    assert choice(topic) == {each.name: 1.0 for each in real}


def test_a_provider_that_the_command_line_named_is_not_for_other_topics(topic):
    choose(topic, ["openai:gpt-test"], [])
    assert [each.provider.name for each in chosen_for(topic)] == ["openai:gpt-test"]
    assert all(each.provider.is_simulated for each in chosen_for(TopicFactory()))
    Provider.objects.filter(name="openai:gpt-test").update(for_all=True)
    assert [each.provider.name for each in chosen_for(TopicFactory())] == ["openai:gpt-test"]


def test_simulated_providers_are_made_once():
    assert [each.pk for each in simulated_providers()] == [each.pk for each in simulated_providers()]


# Rates


@pytest.mark.parametrize(
    ("text", "spec", "rates"),
    [
        ("openai:gpt-4o=2.5/10", "openai:gpt-4o", Rates(Decimal("2.5"), Decimal(10))),
        ("local=0/0", "local", Rates(Decimal(0), Decimal(0))),
        ("openai:a=b=1/2", "openai:a=b", Rates(Decimal(1), Decimal(2))),
    ],
)
def test_a_rate_is_given_in_usd_per_million_tokens(text, spec, rates):
    assert parse_rate(text) == (spec, rates)


@pytest.mark.parametrize(
    "text",
    ["", "a", "a=", "a=1", "a=1/", "a=1/2/3", "=1/2", "a=-1/2", "a=1/-2", "a=nan/1", "a=1/inf", "a=x/y", "a=1e9/1"],
)
def test_a_rate_that_is_none_is_refused_with_what_would_be_one(text):
    with pytest.raises(BadSpec, match="KIND:MODEL=IN/OUT"):
        parse_rate(text)


@pytest.mark.parametrize("spec", ["ours", "openai:gpt-test"])
def test_a_rate_is_stated_by_name_or_by_kind_and_model(topic, spec):
    provider = ProviderFactory(name="ours", vendor=True)
    choose(topic, [], [f"{spec}=1.5/3"])
    provider.refresh_from_db()
    assert prices.rates_of(provider) == Rates(Decimal("1.5"), Decimal(3))


def test_a_rate_for_nobody_is_refused(topic):
    with pytest.raises(BadSpec, match="none of the providers"):
        choose(topic, ["simulated:strong"], ["openai:gpt-9=1/1"])
    assert not TopicProvider.objects.exists()


# Prices


def test_a_known_model_has_its_list_price(topic):
    rates = prices.rates_of(ProviderFactory.build(kind="openai", model="gpt-4o-mini"))
    assert rates is not None
    assert 0 < rates.tokens_in < rates.tokens_out < 10


def test_an_unknown_model_has_no_price():
    assert prices.rates_of(ProviderFactory.build(kind="openai", model="nobody-knows-this")) is None
    assert prices.rates_of(ProviderFactory.build(kind="simulated", model="nobody-knows-this")) is None


def test_a_simulated_model_has_a_pretended_price():
    assert prices.rates_of(ProviderFactory.build(model="cheap")) == Rates(Decimal("0.15"), Decimal("0.6"))


def test_stated_rates_go_before_the_list_price():
    stated = ProviderFactory.build(kind="openai", model="gpt-4o", input_rate=Decimal(0), output_rate=Decimal(0))
    assert prices.rates_of(stated) == Rates(Decimal(0), Decimal(0))


def test_a_choice_of_which_nothing_is_enabled_does_not_fall_back_to_others_that_cost_money():
    topic = TopicFactory()
    ProviderFactory(kind="openai", model="dear")
    disabled = ProviderFactory(kind="openai", model="mine", enabled=False)
    TopicProvider.objects.create(topic=topic, provider=disabled)
    assert chosen_for(topic) == []
