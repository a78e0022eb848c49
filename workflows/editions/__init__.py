"""How a list's yearly edition is prepared, voted, opened and archived, and how entries take its seats."""
