"""Measures what is fast and what is not, as ratios to a floor in the same run: `make bench`."""
