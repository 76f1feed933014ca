"""Settings of the tools that tests use."""

from hypothesis import settings

# No test asserts a timing, nor may a busy machine fail one.
settings.register_profile("igentai", deadline=None)
settings.load_profile("igentai")
