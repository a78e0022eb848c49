"""Procedures as tables of moves: an engine that judges, a desk that performs."""

from portal.moves.desk import Desk
from portal.moves.engine import HasStatus, Letters, Move, Moved, Offer, Procedure

__all__ = ["Desk", "HasStatus", "Letters", "Move", "Moved", "Offer", "Procedure"]
