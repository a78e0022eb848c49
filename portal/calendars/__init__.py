"""Which days are open, closed, frozen or unknown: entered once as data, asked everywhere by the same rules."""
