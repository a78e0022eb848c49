"""Search: an index made from the database, which holds all that an anonymous catalogue page shows."""
