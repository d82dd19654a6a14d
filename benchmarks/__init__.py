"""Benchmarks: mlnotes beside its peers, on the same data, in one process."""
