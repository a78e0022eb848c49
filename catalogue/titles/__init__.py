"""Software titles: what they are, what they are for, where each fact comes from."""
