"""The worlds that the simulated provider answers from."""

from __future__ import annotations

import subprocess
import sys
import unicodedata

import pytest

from producers.providers.worlds import (
    SUFFIX,
    belongs,
    initial,
    initials,
    plain,
    stable_share,
    strays,
    world_for,
)


def strict_fold(name: str) -> str:
    """A normal form harsher than most: letters and digits only, without case or any diacritic."""
    decomposed = unicodedata.normalize("NFKD", name.casefold())
    return "".join(each for each in decomposed if each.isalnum())


@pytest.mark.parametrize(
    "topic",
    [
        "ISO 3166-2 regions",
        "ISO 3166",
        "Regions of the world",
        "Provinces, states and regions of the world",
        "subdivisions of all countries",
        "the world's provinces",
    ],
)
def test_topics_about_the_regions_of_the_world_get_facts(topic: str) -> None:
    world = world_for(topic)
    assert (world.name, world.real) == ("regions", True)
    assert 4_500 < len(world.entries) < 5_500
    assert "Bayern" in world.entries


@pytest.mark.parametrize("topic", ["countries", "Countries of the world", "ISO 3166-1", "all countries"])
def test_topics_about_all_countries_get_facts(topic: str) -> None:
    world = world_for(topic)
    assert (world.name, world.real) == ("countries", True)
    assert {"France", "South Korea"} < set(world.entries)


@pytest.mark.parametrize("topic", ["languages", "Human languages", "Languages of the World!"])
def test_topics_about_human_languages_get_facts(topic: str) -> None:
    world = world_for(topic)
    assert (world.name, world.real) == ("languages", True)
    assert "Estonian" in world.entries
    assert "Undetermined" not in world.entries


@pytest.mark.parametrize(
    "topic",
    [
        "Paris attractions",
        "programming languages",
        "Programming Languages!",
        "African countries",
        "countries with a queen",
        "wine regions of the world",
        "Provinces of Canada",
        "書店",
        "",
        "\ud800",
    ],
)
def test_a_topic_that_no_facts_answer_truthfully_gets_marked_made_up_names(topic: str) -> None:
    world = world_for(topic)
    assert not world.real
    assert len(world.entries) == 1_500
    assert all(entry.endswith(" (simulated)") and len(entry) > len(SUFFIX) for entry in world.entries)


@pytest.mark.parametrize("topic", ["regions of the world", "countries", "languages", "Paris attractions"])
def test_no_two_entries_are_alike_and_all_are_tidy(topic: str) -> None:
    entries = world_for(topic).entries
    assert len(set(entries)) == len(entries)
    assert all(entry == " ".join(entry.split()) and len(entry) <= 200 for entry in entries)


def test_made_up_names_stay_distinct_in_a_strict_normal_form() -> None:
    entries = world_for("anything", size=20_000).entries
    assert len({strict_fold(entry) for entry in entries}) == 20_000


def test_made_up_names_vary_in_shape_and_script() -> None:
    bodies = [entry.removesuffix(SUFFIX) for entry in world_for("Paris attractions").entries]
    assert any("'" in body for body in bodies)
    assert any("-" in body for body in bodies)
    assert any(body[0].isdigit() for body in bodies)
    assert any(plain(body) != body for body in bodies)
    assert any("CYRILLIC" in unicodedata.name(body[0]) for body in bodies)
    assert any("KATAKANA" in unicodedata.name(body[0]) for body in bodies)


def test_a_world_depends_on_topic_and_size_and_the_seed_only_orders_it() -> None:
    first, again, other = (world_for("Lyon parks", seed=seed).entries for seed in (1, 1, 2))
    assert first == again
    assert first != other
    assert set(first) == set(other)
    assert set(first).isdisjoint(world_for("Oslo parks", seed=1).entries)


def test_case_and_spacing_of_the_topic_do_not_matter() -> None:
    assert world_for("Lyon parks") == world_for("  LYON  Parks ")


@pytest.mark.parametrize("topic", ["regions of the world", "Paris attractions"])
def test_a_world_can_be_made_smaller(topic: str) -> None:
    small = world_for(topic, seed=3, size=100).entries
    assert len(small) == 100
    assert set(small) == set(world_for(topic, seed=4, size=100).entries)
    assert set(small) < set(world_for(topic).entries)


def test_a_world_is_made_once_per_process() -> None:
    assert world_for("Lyon parks") is world_for("Lyon parks")


def test_strays_are_marked_and_in_no_world() -> None:
    lost = strays("Paris attractions")
    assert all(name.endswith(SUFFIX) for name in lost)
    assert set(lost).isdisjoint(world_for("Paris attractions", size=20_000).entries)


def test_another_process_makes_the_same_world_and_loads_facts_only_for_topics_that_need_them() -> None:
    program = (
        "import sys; from producers.providers.worlds import world_for;"
        "print(world_for('Lyon parks').entries[0] == sys.argv[1], 'pycountry' in sys.modules)"
    )
    command = [sys.executable, "-c", program, world_for("Lyon parks").entries[0]]
    assert subprocess.run(command, capture_output=True, text=True, check=True).stdout.split() == [
        "True",
        "False",
    ]


@pytest.mark.parametrize(
    ("name", "expected"),
    [
        ("Bayern", "bay"),
        ("Île-de-France", "ile"),
        ("Łódzkie", "lod"),
        ("'s-Gravenhage", "s"),
        ("D'Arven Hall", "d"),
        ("17 Valmora Gate", ""),
        ("Ёлка", ""),
        ("", ""),
    ],
)
def test_the_initial_of_a_name(name: str, expected: str) -> None:
    assert initial(name) == expected


@pytest.mark.parametrize(
    ("words", "inside", "outside"),
    [
        ("names beginning with the letters A to F", ["Alba", "Élan", "Foix"], ["Gard", "9 Lanes", "Ёлка"]),
        ("A-F", ["Alba", "foix"], ["Gard"]),
        ("starting with letters G–L", ["Gard", "Łódź"], ["Foix", "Mont"]),
        ("names beginning with Ma to Mi", ["Mali", "Minho"], ["Mons", "Lund"]),
        ("names beginning with the letter Q", ["Quito"], ["Paris"]),
        ("digits or symbols", ["9 Lanes", "Ёлка"], ["Alba"]),
        ("names beginning with the letters S to Z, digits or symbols", ["Zug", "9 Lanes"], ["Alba"]),
    ],
)
def test_alphabet_partitions_are_understood(words: str, inside: list[str], outside: list[str]) -> None:
    assert all(belongs(name, words) for name in inside)
    assert not any(belongs(name, words) for name in outside)


@pytest.mark.parametrize("words", ["", "museums", "places to go to", "Category: food - drink", "of no initial"])
def test_other_words_are_no_alphabet(words: str) -> None:
    assert initials(words) is None


def test_other_words_choose_a_stable_third_of_the_world() -> None:
    entries = world_for("Paris attractions").entries
    museums = {entry for entry in entries if belongs(entry, "museums")}
    parks = {entry for entry in entries if belongs(entry, "parks")}
    assert 0.28 < len(museums) / len(entries) < 0.39
    assert museums != parks
    assert museums == {entry for entry in entries if belongs(entry, " Museums ")}


def test_no_partition_is_all_of_the_world() -> None:
    assert all(belongs(entry, "") for entry in world_for("Paris attractions").entries)


def test_stable_shares_are_spread_evenly() -> None:
    shares = [stable_share("test", number) for number in range(2_000)]
    assert 0.45 < sum(shares) / len(shares) < 0.55
    assert 0 <= min(shares) < max(shares) < 1
