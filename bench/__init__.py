"""Benchmarks: each figure stands beside a ceiling that was measured in the same run, and the ratio is what counts."""
