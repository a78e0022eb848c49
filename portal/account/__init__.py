"""The pages of one's own: coming in, leaving, and what the portal knows of a person."""
