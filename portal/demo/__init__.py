"""What only a demonstration has: its date, its mailbox, its processes started together."""
