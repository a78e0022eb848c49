"""How a school asks for software: a teacher writes, colleagues join, the school relays and endorses, the territory takes it on."""
