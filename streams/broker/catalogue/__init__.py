"""What the server holds for who reads the whole catalogue: the output as a tail, snapshots, revisions of what was forgotten."""
