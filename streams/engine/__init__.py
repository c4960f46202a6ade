"""Reading, working, leases, back-pressure: consumer groups in general, nothing about anime.

May import: broker, telemetry, cache.
"""
