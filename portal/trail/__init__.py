"""What happened: an append-only record that serves as timeline, audit and source of notices."""
