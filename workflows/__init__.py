"""What happens: one folder per procedure, siblings that do not import each other."""
