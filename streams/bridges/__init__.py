"""Ways out of the streams to where other programs are: other buses, webhooks, sheets, agents; one file each, off unless asked for.

May import: broker, client, config, contract, engine, posting, records, review, service, stages, telemetry, text, web, cache, sources.
"""
