"""What exists: titles, lists, search, import and export, and their pages."""
