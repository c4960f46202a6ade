"""A known record told again, where nothing that it is made of has changed."""
