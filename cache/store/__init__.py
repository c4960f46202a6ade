"""Where answers lie: Redis in one round trip, or SQLite; how they are written.

May import: backoff, clock, freshness, info, lua_script.
"""
