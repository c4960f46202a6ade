"""Pages about works: records, one record, one output; their pictures."""
