"""Files in: each reads one kind of file; ``city_folder`` reads all of a city."""
