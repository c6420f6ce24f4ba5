"""Measurements as ratios, run by hand."""
