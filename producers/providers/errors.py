"""Everything that can go wrong with a provider, as one tree.

    ProviderError            (abstract)        terminal?  a retry helps when
    ├── Misconfigured        the user's fault  yes        never: mend the settings
    │   ├── KeyRejected      401, 403          yes
    │   ├── PaymentRequired  402               yes
    │   ├── ModelUnknown     404               yes
    │   └── RequestRefused   400, 422, other 4xx  yes
    ├── QuotaExhausted       429, a day's quota  yes      tomorrow: no run waits for that
    ├── RateLimited          429               no         after `retry_after` seconds
    ├── ContentRefused       safety filters    no         never for this question; others may be answered
    ├── ServerFault          5xx, 409, 425     no         after a back-off
    ├── Unreachable          no connection     no         after a back-off
    ├── TimedOut             a deadline        no         after a back-off
    └── BadAnswer            rubbish, too big  no         after a back-off
        └── EmptyAnswer      ended, no text    no         after a back-off

Adapters raise nothing else; whatever their HTTP library raises is translated at their edge. Messages are shown
to people and stored: they never hold a key or a whole body.
"""

from __future__ import annotations

MAX_RETRY_AFTER = 300.0


class ProviderError(Exception):
    """A request to a provider failed.

    `kind` is a stable word for statistics, `terminal` says that no retry can help, `retry_after` is the wait in
    seconds that the provider asked for (None: it did not say). `may_be_billed`: the question had been sent and not
    refused, so that the provider may have generated something and want money for it.
    """

    kind = "provider_error"
    terminal = False
    may_be_billed = False

    def __init__(self, message: str, *, retry_after: float | None = None, may_be_billed: bool | None = None) -> None:
        super().__init__(message[:500])
        if may_be_billed is not None:
            self.may_be_billed = may_be_billed
        self.retry_after = None if retry_after is None else min(max(retry_after, 0.0), MAX_RETRY_AFTER)


class Misconfigured(ProviderError):
    """The settings of this provider cannot work."""

    kind = "misconfigured"
    terminal = True


class KeyRejected(Misconfigured):
    """The provider does not accept the key."""

    kind = "key_rejected"


class PaymentRequired(Misconfigured):
    """The account behind the key has no money left."""

    kind = "payment_required"


class ModelUnknown(Misconfigured):
    """The provider does not know the model, or the base URL leads nowhere."""

    kind = "model_unknown"


class RequestRefused(Misconfigured):
    """The provider refuses this kind of request."""

    kind = "request_refused"


class QuotaExhausted(ProviderError):
    """A quota is used up that is renewed only once a day."""

    kind = "quota_exhausted"
    terminal = True


class RateLimited(ProviderError):
    """Too many requests or tokens for now."""

    kind = "rate_limited"


class ContentRefused(ProviderError):
    """The provider will not answer this question; it may well answer another."""

    kind = "content_refused"


class ServerFault(ProviderError):
    """The provider's own fault."""

    kind = "server_fault"


class Unreachable(ProviderError):
    """No connection could be made, or it broke."""

    kind = "unreachable"


class TimedOut(ProviderError):
    """A deadline passed: connecting, reading, or the whole request."""

    kind = "timed_out"
    may_be_billed = True


class BadAnswer(ProviderError):
    """The answer is not in the provider's format, or larger than any honest answer."""

    kind = "bad_answer"
    may_be_billed = True


class EmptyAnswer(BadAnswer):
    """The answer ended in good order and holds no text."""

    kind = "empty_answer"
