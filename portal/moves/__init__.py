"""Procedures as tables of moves: an engine that judges, a desk that performs."""

from portal.moves.desk import Desk, Notice, Outgoing
from portal.moves.engine import HasStatus, Move, Moved, Offer, Procedure

__all__ = ["Desk", "HasStatus", "Move", "Moved", "Notice", "Offer", "Outgoing", "Procedure"]
