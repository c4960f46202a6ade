"""The server: its address, key names, scripts, the state of a request, and the embedded server.

May import: contract, cache, sources.
"""
