"""Points by the million joined with a country's layers, from Parquet to Parquet."""
