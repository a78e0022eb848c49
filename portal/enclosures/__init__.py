"""Enclosures (pièces jointes): files that people join to what they write, checked, kept, and only ever downloaded."""
