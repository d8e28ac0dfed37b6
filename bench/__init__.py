"""Ratios against their limits, measured in one run on one machine: `python -m bench`, or `make bench SCALE=100000`."""
