"""Nearest and in-district: ours against what could be installed instead."""
