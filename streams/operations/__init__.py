"""What whoever runs the fleet does: status, metrics, doctor, dead letters, replays, sizing.

May import: broker, client, config, contract, engine, following, records, service, stages, telemetry, terminal, text, cache, sources.
"""
