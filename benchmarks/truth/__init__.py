"""How often merged records are right, and how honest they are about it, on worlds whose truth is known."""
