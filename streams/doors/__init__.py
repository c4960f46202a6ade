"""Doors for consumers in any language, each off unless asked for: an HTTP API, snapshots by request over Redis.

May import: broker, client, config, contract, engine, records, serving, service, stages, telemetry, cache, sources.
"""
