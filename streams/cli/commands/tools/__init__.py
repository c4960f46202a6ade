"""For developers and scripts: parse, check-source, schema, settings."""
