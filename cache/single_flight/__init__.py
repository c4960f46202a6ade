"""One flight per key, over tasks, event loops and processes.

May import: store, lua_script.
"""
