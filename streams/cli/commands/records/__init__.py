"""Look into records: explain."""
