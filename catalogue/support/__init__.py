"""The level of support of a title: never stored, computed from entries in force, else from a territory's decision."""
