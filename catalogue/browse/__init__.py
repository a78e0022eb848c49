"""The public pages of the catalogue, and the same answers for programs."""
