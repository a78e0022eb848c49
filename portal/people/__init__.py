"""People: who they are, in which schools, and what heads of schools grant them there."""
