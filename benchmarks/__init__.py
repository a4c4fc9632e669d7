"""Benchmarks: ``python -m benchmarks`` prints a table of ratios, measured in turns."""
