"""Servers of the same features under load, measured side by side."""
