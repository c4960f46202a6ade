"""How the fleet stood over time."""
