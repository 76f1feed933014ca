"""What is read from the environment, and the key that is made where it has none."""

import stat
from concurrent.futures import ThreadPoolExecutor

import pytest
from django.core.exceptions import ImproperlyConfigured

from igentai_site.env import read_bool, read_list
from igentai_site.secret_key import stored_secret_key


@pytest.mark.parametrize("word", ["1", "true", "TRUE", "Yes", "on", " 1 "])
def test_words_for_true(word):
    assert read_bool({"X": word}, "X", default=False) is True


@pytest.mark.parametrize("word", ["0", "false", "False", "no", "OFF", "", " "])
def test_words_for_false(word):
    assert read_bool({"X": word}, "X", default=True) is False


@pytest.mark.parametrize("default", [True, False])
def test_what_is_unset_has_its_default(default):
    assert read_bool({}, "X", default=default) is default


@pytest.mark.parametrize("word", ["2", "maybe", "tru", "y e s"])
def test_what_is_neither_is_named_with_what_would_be_right(word):
    with pytest.raises(ImproperlyConfigured, match=r"DJANGO_DEBUG=.* use 1 or 0"):
        read_bool({"DJANGO_DEBUG": word}, "DJANGO_DEBUG", default=False)


@pytest.mark.parametrize(
    ("text", "words"), [("a", ["a"]), ("a,b", ["a", "b"]), (" a , b ,", ["a", "b"]), ("", []), (" , ", [])]
)
def test_a_list_is_separated_by_commas(text, words):
    assert read_list({"X": text}, "X") == words


def test_a_list_that_is_unset_is_empty():
    assert read_list({}, "X") == []


def test_a_key_is_made_once_and_for_its_owner_only(tmp_path):
    path = tmp_path / "var" / "secret_key"
    key = stored_secret_key(path)
    assert len(key) >= 50
    assert stored_secret_key(path) == key
    assert stat.S_IMODE(path.stat().st_mode) == 0o600
    assert [each.name for each in path.parent.iterdir()] == ["secret_key"]


def test_two_installations_have_different_keys(tmp_path):
    assert stored_secret_key(tmp_path / "one") != stored_secret_key(tmp_path / "other")


def test_processes_that_start_together_get_the_same_whole_key(tmp_path):
    for number in range(20):
        path = tmp_path / f"key {number}"
        with ThreadPoolExecutor(8) as pool:
            keys = set(pool.map(stored_secret_key, [path] * 8))
        assert len(keys) == 1
        assert len(keys.pop()) >= 50


def test_a_key_that_was_put_there_is_taken(tmp_path):
    path = tmp_path / "secret_key"
    path.write_text("ours\n")
    assert stored_secret_key(path) == "ours"
