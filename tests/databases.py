"""The database that the tests run on: `pytest --database {sqlite,postgresql}`.

A plugin rather than a conftest, because the settings are read before any conftest is. The test database is
the very one that DATABASE_URL names, so that the processes which a test starts find the rows of the test.
"""

import os
import shutil
import sqlite3
import tempfile
from collections.abc import Callable
from contextlib import ExitStack
from dataclasses import dataclass

import pytest

from tests.postgres import PostgresServer, PostgresUnavailable

# Without their keys and addresses no test can reach, or bill, a real provider.
VENDOR_PREFIXES = ("OPENAI_", "ANTHROPIC_", "GEMINI_", "GOOGLE_GEMINI_")


@dataclass(frozen=True)
class TestDatabase:
    __test__ = False  # not a class of tests, whatever its name says
    name: str
    url: str
    description: str


test_database = pytest.StashKey[TestDatabase]()


def pytest_addoption(parser: pytest.Parser) -> None:
    parser.addoption(
        "--database",
        choices=sorted(DATABASES),
        default="sqlite",
        help="what to test on (default: sqlite); a postgresql is started for the run and removed after it",
    )


@pytest.hookimpl(tryfirst=True)
def pytest_load_initial_conftests(early_config: pytest.Config) -> None:
    """Before pytest-django loads the settings."""
    forget_vendors()
    options = early_config.known_args_namespace
    if options.help or options.version:
        return
    cleanup = ExitStack()
    early_config.add_cleanup(cleanup.close)
    try:
        early_config.stash[test_database] = database = DATABASES[options.database](cleanup)
    except PostgresUnavailable as error:
        raise pytest.UsageError(str(error)) from error
    os.environ["DATABASE_URL"] = database.url


def pytest_configure(config: pytest.Config) -> None:
    """After the settings are loaded, before anything connects."""
    if test_database in config.stash:
        adopt(config.stash[test_database])


def pytest_report_header(config: pytest.Config) -> str:
    return f"database: {config.stash[test_database].description}"


def forget_vendors() -> None:
    for name in [name for name in os.environ if name.startswith(VENDOR_PREFIXES)]:
        del os.environ[name]
    os.environ.pop("EMAIL_URL", None)  # no test mails anybody
    os.environ["IGENTAI_DISCOVERY"] = "0"  # whatever runs on this machine is no part of a test


def sqlite(cleanup: ExitStack) -> TestDatabase:
    # A file, since a database in memory cannot be shared with other processes.
    folder = tempfile.mkdtemp(prefix="igentai-tests-")
    cleanup.callback(shutil.rmtree, folder, ignore_errors=True)
    file = f"{folder}/tests.sqlite3"
    return TestDatabase(name=file, url=f"sqlite:///{file}", description=f"SQLite {sqlite3.sqlite_version}")


def postgresql(cleanup: ExitStack) -> TestDatabase:
    server = cleanup.enter_context(PostgresServer(fsync=False))
    description = f"PostgreSQL {server.version} ({server.binaries.source})"
    return TestDatabase(name="tests", url=server.database_url("tests"), description=description)


DATABASES: dict[str, Callable[[ExitStack], TestDatabase]] = {"sqlite": sqlite, "postgresql": postgresql}


def adopt(database: TestDatabase) -> None:
    """Have Django test on this database itself, not on a namesake with the prefix "test_"."""
    from django.db import connections

    settings = connections.settings["default"]
    if str(settings["NAME"]) != database.name:
        # A test database is deleted and made anew: never one that is somebody's.
        raise pytest.UsageError(f"the settings ignore DATABASE_URL: {settings['NAME']} is not {database.name}")
    settings["TEST"]["NAME"] = database.name
