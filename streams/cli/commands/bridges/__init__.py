"""What leads out: exports, relays, servers for other programs."""
