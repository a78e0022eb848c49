"""All tests come from one address: theirs are the only rates that never say no."""

FREELY = dict.fromkeys(("rate_signin", "rate_tokens", "rate_search"), "1000000 per second")
