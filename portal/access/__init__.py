"""Who may do what: one rule per permission, with a face for an object and a face for a list."""

from portal.access.actors import ANYONE, Actor, Grant, system
from portal.access.policy import Policy
from portal.access.rules import Rule, everyone, granted, nobody

__all__ = ["ANYONE", "Actor", "Grant", "Policy", "Rule", "everyone", "granted", "nobody", "system"]
