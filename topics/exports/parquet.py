"""Parquet, in row groups. The only module that imports pyarrow; import it where a file is written, not before."""

from __future__ import annotations

import io
from collections.abc import Sequence
from typing import Any

import pyarrow as pa
import pyarrow.parquet as pq

from topics.exports.entries import COLUMNS, Entry
from topics.exports.formats import CardText

ROW_GROUP = 65_536
CARD_KEY = "igentai.card"

TYPES = {
    "id": pa.int64(),
    "times_seen": pa.int64(),
    "first_seen": pa.timestamp("ms", tz="UTC"),
    "run": pa.int32(),
    "producer": pa.int32(),
    "request": pa.int64(),
    "cost_share_usd": pa.decimal128(18, 8),
}
# Few different values in many rows.
REPEATED = ("verdict", "provider", "model", "kind", "partition")
SCHEMA = pa.schema([pa.field(name, TYPES.get(name, pa.string())) for name in COLUMNS])


class Drain(io.RawIOBase):
    """A file that is taken away while it is being written."""

    def __init__(self) -> None:
        self._pieces: list[bytes] = []
        self._written = 0

    def writable(self) -> bool:
        return True

    def write(self, data: Any) -> int:
        piece = bytes(data)
        self._pieces.append(piece)
        self._written += len(piece)
        return len(piece)

    def tell(self) -> int:
        return self._written

    def take(self) -> bytes:
        taken, self._pieces = b"".join(self._pieces), []
        return taken


class Parquet:
    """Entries become columns at once, which take a tenth of the room, and a row group when there are enough."""

    def __init__(self) -> None:
        self._drain = Drain()
        self._writer = pq.ParquetWriter(self._drain, SCHEMA, compression="zstd", use_dictionary=list(REPEATED))
        self._waiting: list[Any] = []

    def head(self) -> bytes:
        return self._drain.take()

    def entries(self, entries: Sequence[Entry]) -> bytes:
        columns = [pa.array([getattr(entry, field.name) for entry in entries], field.type) for field in SCHEMA]
        self._waiting.append(pa.record_batch(columns, schema=SCHEMA))
        if sum(len(batch) for batch in self._waiting) >= ROW_GROUP:
            self._write()
        return self._drain.take()

    def tail(self, card: CardText) -> bytes:
        self._write()
        self._writer.add_key_value_metadata({CARD_KEY: card()})
        self._writer.close()
        return self._drain.take()

    def _write(self) -> None:
        if self._waiting:
            self._writer.write_table(pa.Table.from_batches(self._waiting, SCHEMA))
            self._waiting = []
