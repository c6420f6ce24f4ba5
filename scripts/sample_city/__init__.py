"""How the sample city is drawn; ``scripts/make_sample_city.py`` runs it."""
