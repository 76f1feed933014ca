"""What servers say of their errors, in any shape the vendors and their imitators use, as one typed object. Pure."""

from __future__ import annotations

import re

import msgspec

RETRY_INFO = "RetryInfo"
QUOTA_FAILURE = "QuotaFailure"
PER_DAY = "PerDay"

_STATUS = re.compile("[45][0-9][0-9]")
_DURATION = re.compile(r"([0-9]+(?:\.[0-9]+)?)s")


class Violation(msgspec.Struct, frozen=True, rename="camel"):
    """One quota that was used up."""

    quota_id: str = ""


class ErrorDetail(msgspec.Struct, frozen=True, rename="camel"):
    """One of Google's typed details."""

    type: str = msgspec.field(default="", name="@type")
    reason: str = ""
    retry_delay: str = ""
    violations: list[Violation] = []

    def is_a(self, name: str) -> bool:
        return self.type.endswith(f".{name}")


class ErrorObject(msgspec.Struct, frozen=True):
    """What stands under "error". The details are kept raw: other servers put anything there."""

    message: str | None = None
    type: str | None = None
    code: str | int | float | None = None
    status: str | int | float | None = None
    details: msgspec.Raw = msgspec.Raw(b"[]")

    @property
    def words(self) -> tuple[str, ...]:
        """The stable words for what went wrong, the more specific one first."""
        reasons = [detail.reason for detail in self.typed_details if detail.reason]
        return tuple(word for word in (*reasons, self.code, self.type, self.status) if isinstance(word, str))

    @property
    def http_status(self) -> int | None:
        """The HTTP status that some servers repeat as the code."""
        text = str(self.code)
        return int(text) if _STATUS.fullmatch(text) else None

    @property
    def typed_details(self) -> list[ErrorDetail]:
        try:
            return _details_decoder.decode(self.details)
        except (msgspec.DecodeError, UnicodeDecodeError, RecursionError):
            return []

    @property
    def retry_delay(self) -> float | None:
        """The wait in seconds that Gemini asks for, and says nowhere else."""
        delays = [_DURATION.fullmatch(detail.retry_delay) for detail in self.typed_details if detail.is_a(RETRY_INFO)]
        return next((float(found[1]) for found in delays if found), None)

    @property
    def is_daily_quota(self) -> bool:
        quotas = [detail for detail in self.typed_details if detail.is_a(QUOTA_FAILURE)]
        return any(PER_DAY in violation.quota_id for quota in quotas for violation in quota.violations)


class Detail(msgspec.Struct, frozen=True):
    msg: str = ""


class ErrorBody(msgspec.Struct, frozen=True):
    """The body of an error in any usual shape: the vendors', a bare string, a message at the top, FastAPI's."""

    error: ErrorObject | str | None = None
    message: str | None = None
    detail: str | list[Detail] | None = None

    @property
    def said(self) -> ErrorObject:
        if isinstance(self.error, ErrorObject):
            return self.error
        detail = self.detail
        text = "; ".join(part.msg for part in detail) if isinstance(detail, list) else detail
        return ErrorObject(message=self.error or self.message or text)


_details_decoder: msgspec.json.Decoder[list[ErrorDetail]] = msgspec.json.Decoder(list[ErrorDetail])
_body_decoder: msgspec.json.Decoder[ErrorBody | list[ErrorBody]] = msgspec.json.Decoder(ErrorBody | list[ErrorBody])


def read_error(body: bytes) -> ErrorObject:
    """What a server said of its error, whatever the shape; its plain text if it is no JSON.

    Raw JSON and HTML are not taken for text: escapes in them could hide an echoed key from redaction.
    """
    try:
        decoded = _body_decoder.decode(body)
    except (msgspec.DecodeError, UnicodeDecodeError, RecursionError):
        text = body.decode(errors="replace").strip()
        return ErrorObject(message=None if text.startswith(("<", "{", "[")) else text)
    first = decoded if isinstance(decoded, ErrorBody) else next(iter(decoded), ErrorBody())
    return first.said
