"""Pages to read: one for each hand-in, and one for a class."""
