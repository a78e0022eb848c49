"""The web kit: what every page shares. Views stand in their own noun or procedure."""
