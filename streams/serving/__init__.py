"""What everything that is served over HTTP shares: the socket, tokens and their rights, allowances, streams of events.

May import: config, telemetry, cache.
"""
