"""Signing in from the ENT: identity providers, what they answer, and the sessions that follow."""
