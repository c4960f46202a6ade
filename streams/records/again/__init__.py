"""A known work looked at again: told as it was where nothing changed, and given up where it has become another one."""
