"""The database that DATABASE_URL names."""

import pytest
from django.core.exceptions import ImproperlyConfigured

from igentai_site.databases import SQLITE_OPTIONS, database_settings


@pytest.mark.parametrize("url", [None, ""])
def test_without_a_url_it_is_sqlite_in_a_file_of_ours(url, tmp_path):
    file = tmp_path / "var" / "igentai.sqlite3"
    settings = database_settings(url, file)
    assert settings["ENGINE"] == "django.db.backends.sqlite3"
    assert settings["NAME"] == str(file)
    assert file.parent.is_dir()


def test_sqlite_is_made_fit_for_several_processes(tmp_path):
    options = database_settings(f"sqlite:///{tmp_path}/x.sqlite3", tmp_path / "unused")["OPTIONS"]
    assert options == SQLITE_OPTIONS
    assert options["transaction_mode"] == "IMMEDIATE"
    assert options["timeout"] >= 5
    assert "journal_mode=WAL" in options["init_command"]
    assert "synchronous=FULL" in options["init_command"]


def test_a_url_makes_no_folder_for_the_default(tmp_path):
    database_settings("sqlite:////tmp/x.sqlite3", tmp_path / "var" / "unused")
    assert not (tmp_path / "var").exists()


def test_an_absolute_path_is_kept(tmp_path):
    assert database_settings("sqlite:////data/team.sqlite3", tmp_path / "unused")["NAME"] == "/data/team.sqlite3"


def test_a_relative_path_means_the_same_file_in_whatever_folder_a_child_runs(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    assert database_settings("sqlite:///x.sqlite3", tmp_path / "unused")["NAME"] == str(tmp_path / "x.sqlite3")


@pytest.mark.parametrize("scheme", ["postgres", "postgresql"])
def test_postgresql_is_named_by_its_parts(scheme, tmp_path):
    settings = database_settings(f"{scheme}://team:p%40ss@db.example:5433/igentai", tmp_path / "unused")
    assert settings["ENGINE"] == "django.db.backends.postgresql"
    assert (settings["HOST"], settings["PORT"], settings["NAME"]) == ("db.example", 5433, "igentai")
    assert (settings["USER"], settings["PASSWORD"]) == ("team", "p@ss")
    assert "init_command" not in settings.get("OPTIONS", {})
    assert settings["CONN_MAX_AGE"] == 0


@pytest.mark.parametrize("url", ["nonsense", "oracle-of-delphi://x/y", "postgresql://x:port/y"])
def test_a_url_that_is_none_is_refused_without_its_password(url, tmp_path):
    with pytest.raises(ImproperlyConfigured, match="DATABASE_URL is no address") as refusal:
        database_settings(url.replace("//", "//user:hush@"), tmp_path / "unused")
    assert "hush" not in str(refusal.value)
