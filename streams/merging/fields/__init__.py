"""Field by field: how what several sources say becomes one value."""
