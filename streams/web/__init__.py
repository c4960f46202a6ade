"""The status page and its HTTP server: pages, metrics, liveness.

May import: broker, client, config, contract, engine, following, operations, posting, records, review, service, serving, telemetry, terminal, text, cache,
sources.
"""
