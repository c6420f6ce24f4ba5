"""Faults made on purpose: each script prints a table, and ends with 1 if one did harm."""
