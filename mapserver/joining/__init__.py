"""Parquet to Parquet: points of any number joined with layers, part by part, in bounded memory."""
