"""Benchmarks: ``python -m benchmarks`` prints tables of ratios, measured interleaved."""
