"""The policy that the bench is about."""

from bench.yields.igentai import Igentai as Contestant

__all__ = ["Contestant"]
