"""Small files of every format that a city is read from, and bytes of them changed at random."""
