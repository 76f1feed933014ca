"""`python -m bench [PART...]`: print the table, and with all parts keep it in docs/benchmarks.md."""

from __future__ import annotations

import argparse
from pathlib import Path
from tempfile import TemporaryDirectory

from bench import clients, entries, ingest, memory, viewers, worker
from bench.page import page
from bench.table import Row, markdown

PARTS = ("ingest", "worker", "clients", "memory", "entries", "viewers")
PAGE = Path(__file__).parent.parent / "docs" / "benchmarks.md"


def main() -> None:
    parser = argparse.ArgumentParser(prog="python -m bench", description=__doc__)
    parser.add_argument("parts", nargs="*", metavar="PART", help=f"some of {', '.join(PARTS)}; default: all")
    parser.add_argument("--folder", type=Path, default=Path("/var/tmp"), help="on a real disk, with a short path")
    options = parser.parse_args()
    if unknown := set(options.parts) - set(PARTS):
        parser.error(f"there is no part {', '.join(sorted(unknown))}; parts: {', '.join(PARTS)}")
    rows: list[Row] = []
    with TemporaryDirectory(prefix="bench-", dir=options.folder) as name:
        Path(name).chmod(0o755)  # PostgreSQL runs as another user where we are root
        for part in options.parts or PARTS:
            print(f"measuring: {part}", flush=True)
            rows += _measure(part, Path(name))
    print(markdown(rows))
    if not options.parts:
        PAGE.write_text(page(rows))


def _measure(part: str, root: Path) -> list[Row]:
    if part == "worker":
        return worker.measure()
    if part == "clients":
        return clients.measure()
    folder = root / part
    if part == "entries":
        return entries.measure(folder)
    (folder / "databases").mkdir(parents=True)
    if part == "viewers":
        return viewers.measure(folder)
    return ingest.measure(folder) if part == "ingest" else memory.measure(folder)


if __name__ == "__main__":
    main()
