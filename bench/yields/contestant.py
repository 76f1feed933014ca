"""The policy that the bench is about."""

from bench.yields.standin import StandIn as Contestant

__all__ = ["Contestant"]
