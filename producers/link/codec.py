"""Frames of the link: JSON text, validated once at entry."""

from __future__ import annotations

from typing import TypeVar

import msgspec

from producers.link.messages import ToEngine, ToProducer

Decoded = TypeVar("Decoded")

_encoder = msgspec.json.Encoder()
_to_engine: msgspec.json.Decoder[ToEngine] = msgspec.json.Decoder(ToEngine)
_to_producer: msgspec.json.Decoder[ToProducer] = msgspec.json.Decoder(ToProducer)


class BadFrame(ValueError):
    """The other side sent something that is no message of this protocol; the connection should be closed."""


def encode(message: ToEngine | ToProducer) -> bytes:
    """One message as one frame."""
    return _encoder.encode(message)


def decode_for_engine(frame: bytes | str) -> ToEngine:
    """The message a producer sent. Raises BadFrame."""
    return _decode(_to_engine, frame)


def decode_for_producer(frame: bytes | str) -> ToProducer:
    """The message the engine sent. Raises BadFrame."""
    return _decode(_to_producer, frame)


def _decode(decoder: msgspec.json.Decoder[Decoded], frame: bytes | str) -> Decoded:
    try:
        return decoder.decode(frame)
    except (msgspec.DecodeError, UnicodeError, RecursionError) as error:
        raise BadFrame(str(error)[:200]) from error
