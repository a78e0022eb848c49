"""Packages: how far a version of a title is from the computers of a territory. Another axis than its level of support."""
