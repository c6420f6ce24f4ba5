"""How a city is drawn and described: maps, figures, captions, colours and scripts."""
