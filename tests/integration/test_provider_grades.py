"""Every adapter as llmock grades it, which sees every attempt of a client and judges how it takes faults.

When to ask again is the caller's part; `persist` is a caller that knows only what the adapter says.
"""

from __future__ import annotations

import pytest

from producers.link.messages import ProviderSpec
from producers.providers.base import Finished, Usage
from producers.providers.endpoint import find_endpoint
from producers.providers.errors import Misconfigured
from producers.providers.http import Deadlines
from producers.providers.http_provider import HTTPProvider
from tests.fakes.asking import ADAPTERS, Adapter, ending, persist, text
from tests.fakes.asking import no_proxy as no_proxy


@pytest.fixture(params=ADAPTERS, ids=lambda adapter: adapter.name)
def adapter(request) -> Adapter:
    row: Adapter = request.param
    return row


def provider_for(adapter: Adapter, environ: dict[str, str]) -> HTTPProvider:
    provider = ProviderSpec(name="p", kind=adapter.name, model="m")
    # llmock knows Gemini's key by another name.
    endpoint = find_endpoint(
        adapter.dialect.vendor, provider, {"GEMINI_API_KEY": environ["GOOGLE_API_KEY"], **environ}
    )
    return HTTPProvider(adapter.dialect, endpoint, "m", deadlines=Deadlines(read=0.5))


@pytest.mark.parametrize(
    "break_it",
    [
        lambda llmock: llmock.rate_limit(times=2, retry_after=0.2),
        lambda llmock: llmock.fail(500),
        lambda llmock: llmock.fail(529, retry_after=0.2),
        lambda llmock: llmock.truncate(after_chunks=2),
        lambda llmock: llmock.disconnect(after_chunks=2),
        lambda llmock: llmock.corrupt(after_chunks=2),
        lambda llmock: llmock.stall(after_chunks=2, seconds=2),
    ],
    ids=["rate limit", "500", "529", "truncated", "disconnected", "corrupted", "stalled"],
)
async def test_a_passing_fault_is_overcome(llmock, adapter, break_it):
    # Paced, so that the server is still writing when the client, which reads every 40 ms, hangs up, and sees it.
    break_it(llmock.reply("Louvre\nOrsay\nMarais\nSeine", times=None).pace(60))
    events = await persist(provider_for(adapter, llmock.env()))
    assert text(events).split() == ["Louvre", "Orsay", "Marais", "Seine"]
    assert [type(event) for event in ending(events)] == [Usage, Finished]
    llmock.assert_resilient(strict=True)


@pytest.mark.parametrize("status", [400, 401, 403, 404, 422])
async def test_a_fault_that_will_not_pass_is_not_tried_again(llmock, adapter, status):
    llmock.fail(status, times=None)
    with pytest.raises(Misconfigured):
        await persist(provider_for(adapter, llmock.env()))
    assert len(llmock.requests) == 1
    llmock.assert_resilient(strict=True)
