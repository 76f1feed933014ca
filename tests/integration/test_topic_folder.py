"""A topic's folder: always what the database says, whatever happened to the files."""

from __future__ import annotations

import json
import os
from pathlib import Path

import pytest

from orchestration.runtime.files import OutputFile, write_json, write_whole
from orchestration.runtime.folder import TopicFolder
from tests.factories import AttributeFactory, RequestFactory
from topics.models import Attribute

pytestmark = [pytest.mark.storage, pytest.mark.django_db(transaction=True)]


class Team:
    """A topic with entries in the database, and its folder."""

    def __init__(self, root: Path) -> None:
        self.request = RequestFactory()
        self.topic = self.request.run.topic
        self.root = root
        self.path = root / self.topic.folder
        self.folders: list[TopicFolder] = []
        self.restart()

    def restart(self) -> None:
        """Another engine goes on."""
        self.folder = TopicFolder(self.root, self.topic.folder, self.topic.pk)
        self.folders.append(self.folder)

    def find(self, *texts: str) -> list[tuple[int, str]]:
        """New entries, committed to the database and not yet in the file."""
        found = [AttributeFactory(request=self.request, text=text) for text in texts]
        return [(each.pk, each.text) for each in found]

    def refresh(self) -> None:
        self.folder.refresh({"unique": 1}, {"run": 1})

    def read(self, name: str = "output.txt") -> str:
        return str((self.path / name).read_text())

    @property
    def truth(self) -> str:
        return "".join(f"{text}\n" for text in Attribute.objects.order_by("id").values_list("text", flat=True))


@pytest.fixture
def teams(transactional_db, tmp_path):
    made = [Team(tmp_path / "outputs") for _ in range(2)]
    yield made
    for folder in [folder for team in made for folder in team.folders]:
        folder.close()


@pytest.fixture
def team(teams):
    return teams[0]


@pytest.fixture
def begun(team):
    team.find("Louvre", "Orsay")
    team.folder.open("Topic: museums\n")
    return team


def test_a_folder_is_made_with_all_that_the_database_has(begun):
    assert begun.read("topic.txt") == "Topic: museums\n"
    assert begun.read() == "Louvre\nOrsay\n"


def test_an_empty_list_is_an_empty_file(team):
    team.folder.open("Topic: museums\n")
    assert team.read() == ""


def test_new_entries_are_appended_in_their_order(begun):
    begun.folder.append(begun.find("Rodin", "Picasso"))
    begun.folder.append(begun.find("Cluny"))
    assert begun.read() == begun.truth == "Louvre\nOrsay\nRodin\nPicasso\nCluny\n"


def test_a_right_file_is_not_written_again(begun):
    before = (begun.path / "output.txt").stat()
    begun.restart()
    begun.folder.open("Topic: museums\n")
    after = (begun.path / "output.txt").stat()
    assert (before.st_ino, before.st_mtime_ns) == (after.st_ino, after.st_mtime_ns)
    begun.folder.append(begun.find("Rodin"))
    assert begun.read() == begun.truth


def truncate(path):
    path.write_text("Lou")


def alter(path):
    path.write_text("Louvre\nOrsaX\n")


def add(path):
    with path.open("a") as file:
        file.write("Intruder\n")


def swap(path):
    path.write_text("Orsay\nLouvre\n")


def spoil(path):
    path.write_bytes(b"Louvre\n\xff\xfe\n")


def become_a_link(path):
    target = path.with_name("elsewhere")
    target.write_text("not ours\n")
    path.unlink()
    path.symlink_to(target)


DAMAGE = [truncate, Path.unlink, alter, add, swap, spoil, become_a_link]


@pytest.mark.parametrize("damage", DAMAGE, ids=lambda damage: damage.__name__)
def test_what_was_damaged_while_no_engine_ran_is_mended_at_the_start(begun, damage):
    begun.folder.close()
    damage(begun.path / "output.txt")
    begun.restart()
    begun.folder.open("Topic: museums\n")
    assert begun.read() == begun.truth


@pytest.mark.parametrize("damage", DAMAGE, ids=lambda damage: damage.__name__)
def test_what_was_damaged_during_a_run_is_mended_by_its_end(begun, damage):
    damage(begun.path / "output.txt")
    begun.folder.append(begun.find("Rodin"))
    begun.folder.close()
    assert begun.read() == begun.truth


@pytest.mark.parametrize("damage", [truncate, Path.unlink, add, become_a_link], ids=lambda damage: damage.__name__)
def test_a_file_that_was_cut_replaced_or_removed_is_mended_by_the_next_refresh(begun, damage):
    damage(begun.path / "output.txt")
    begun.refresh()
    assert begun.read() == begun.truth
    begun.folder.append(begun.find("Rodin"))
    assert begun.read() == begun.truth


def test_nothing_is_written_through_a_link(begun):
    begun.folder.close()
    become_a_link(begun.path / "output.txt")
    begun.restart()
    begun.folder.open("Topic: museums\n")
    assert begun.read("elsewhere") == "not ours\n"
    assert not (begun.path / "output.txt").is_symlink()


def test_an_append_that_comes_after_a_rebuild_adds_nothing_twice(begun):
    late = begun.find("Rodin", "Picasso")
    (begun.path / "output.txt").unlink()
    begun.refresh()
    begun.folder.append(late)
    begun.folder.append(late + begun.find("Cluny"))
    assert begun.read() == begun.truth == "Louvre\nOrsay\nRodin\nPicasso\nCluny\n"


def test_a_list_that_was_replaced_begins_anew(begun):
    Attribute.objects.all().delete()
    rows = begun.find("Rodin")
    begun.folder.replace("Topic: statues\n")
    begun.folder.append(rows)
    assert (begun.read("topic.txt"), begun.read()) == ("Topic: statues\n", "Rodin\n")


def test_the_folders_of_two_topics_have_nothing_in_common(teams):
    team, other = teams
    team.find("Louvre")
    other.find("Rodin")
    for each in (team, other):
        each.folder.open("")
    assert (team.read(), other.read()) == ("Louvre\n", "Rodin\n")


@pytest.mark.parametrize("text", ["one\ntwo", "one\r\ntwo", "one\u2028two", "one\x85two", "one\x0btwo"])
def test_an_entry_is_one_line_even_if_the_database_holds_another(team, text):
    rows = team.find(text)
    team.folder.open("")
    assert team.read().splitlines() == ["one two"]
    team.folder.append([(rows[-1][0] + 1, text)])
    assert team.read().splitlines() == ["one two"] * 2


@pytest.mark.parametrize("text", ["../../x", "=1+1", "<script>", "\U0001f469\u200d\U0001f692", "हिन्दी"])
def test_hostile_and_foreign_text_is_written_as_it_is(team, text):
    team.find(text)
    team.folder.open("")
    assert team.read() == f"{text}\n"
    assert [each.name for each in team.path.parent.iterdir()] == [team.topic.folder]


# JSON files


def test_a_refresh_writes_the_json_files(begun):
    begun.folder.refresh({"unique": 2, "topic": "Musées"}, {"run": 1})
    assert json.loads(begun.read("metrics.json")) == {"unique": 2, "topic": "Musées"}
    assert json.loads(begun.read("state.json")) == {"run": 1}
    assert "Musées" in begun.read("metrics.json")


def test_readers_see_the_old_or_the_new_file_and_never_half_of_one(tmp_path):
    path = tmp_path / "state.json"
    write_json(path, {"run": 1})
    seen = []

    def chunks():
        yield b'{"run"'
        seen.append(path.read_text())
        yield b": 2}"
        seen.append(path.read_text())

    write_whole(path, chunks())
    assert [json.loads(text) for text in [*seen, path.read_text()]] == [{"run": 1}, {"run": 1}, {"run": 2}]
    assert [each.name for each in tmp_path.iterdir()] == ["state.json"]


def test_a_file_that_cannot_be_finished_leaves_the_old_one(tmp_path):
    path = tmp_path / "state.json"
    write_json(path, {"run": 1})

    def chunks():
        yield b"half"
        raise OSError("no space left")

    with pytest.raises(OSError, match="no space"):
        write_whole(path, chunks())
    assert json.loads(path.read_text()) == {"run": 1}


def test_a_file_is_on_the_disk_before_it_takes_its_name(tmp_path, monkeypatch):
    steps = []
    monkeypatch.setattr(os, "fsync", lambda descriptor: steps.append("sync"))
    monkeypatch.setattr(Path, "replace", lambda self, target: steps.append("rename"))
    write_whole(tmp_path / "state.json", [b"{}"])
    assert steps == ["sync", "rename", "sync"]


def test_half_a_surrogate_pair_is_no_trouble(tmp_path):
    write_json(tmp_path / "state.json", {"topic": "a\ud800b"})
    assert json.loads((tmp_path / "state.json").read_text())["topic"] == "a?b"


# A disk that fails


def test_a_folder_that_cannot_be_written_is_reported_and_mended_later(begun, caplog):
    """A file stands where the folder was: that stops root, too."""
    aside = begun.path.with_name("aside")
    begun.path.rename(aside)
    begun.path.write_text("in the way")
    begun.refresh()
    assert begun.folder.trouble.startswith("cannot write the files")
    begun.refresh()
    assert len(caplog.records) == 1
    begun.folder.append(begun.find("Rodin"))
    begun.path.unlink()
    aside.rename(begun.path)
    begun.refresh()
    assert begun.folder.trouble == ""
    assert begun.read() == begun.truth == "Louvre\nOrsay\nRodin\n"


def test_a_disk_that_fills_up_during_an_append_leaves_no_half_entry_for_long(begun, monkeypatch):
    def full(self, rows):
        self._file.write(b"Rod")
        raise OSError(28, "No space left on device")

    with monkeypatch.context() as patch:
        patch.setattr(OutputFile, "append", full)
        begun.restart()
        begun.folder.open("Topic: museums\n")
        begun.folder.append(begun.find("Rodin"))
    assert begun.read() == "Louvre\nOrsay\nRod"
    assert "No space left" in begun.folder.trouble
    begun.refresh()
    assert (begun.folder.trouble, begun.read()) == ("", begun.truth)


def test_an_output_file_that_is_closed_is_not_intact(tmp_path):
    output = OutputFile(tmp_path / "output.txt")
    output.rebuild([(1, "Louvre")])
    output.close()
    assert not output.intact()
    output.append([(2, "Orsay")])
    assert (tmp_path / "output.txt").read_text() == "Louvre\n"


def test_a_refresh_behind_the_close_leaves_the_file_closed(team):
    team.folder.open("about")
    team.find("Louvre")
    team.folder.close()
    assert team.read() == "Louvre\n"
    before = (team.path / "output.txt").stat().st_ino
    team.refresh()
    assert (team.path / "output.txt").stat().st_ino == before
    assert json.loads(team.read("metrics.json")) == {"unique": 1}
