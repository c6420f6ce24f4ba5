"""Measures the pages in a real browser."""
