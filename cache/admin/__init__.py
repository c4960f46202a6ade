"""Looking into the cache, clearing it, bounding it.

May import: clock, options, store, lua_script.
"""
