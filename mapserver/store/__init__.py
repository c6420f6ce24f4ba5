"""Where a city is kept: a folder of files, read into memory."""
