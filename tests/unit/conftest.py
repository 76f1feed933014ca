"""What several tests without a database share."""

from collections.abc import Mapping

import pytest

from producers.link.messages import ProviderSpec
from producers.providers import registry
from producers.providers.errors import Misconfigured
from tests.unit.working import FakeProvider

pytest.register_assert_rewrite("tests.unit.histories")


@pytest.fixture
def providers(monkeypatch):
    """The fake providers that were built, by name."""
    built: dict[str, FakeProvider] = {}

    def make(spec: ProviderSpec, environ: Mapping[str, str]) -> FakeProvider:
        if spec.model == "wrong":
            raise Misconfigured("no such model")
        built[spec.name] = FakeProvider(spec.name)
        return built[spec.name]

    class Module:
        build = staticmethod(make)

    monkeypatch.setattr(registry, "import_module", lambda name: Module)
    return built
