"""Territories, their schools, what the schools teach, and their rooms."""
