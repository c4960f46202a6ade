"""Run the fleet and look after it: up, status, doctor."""
