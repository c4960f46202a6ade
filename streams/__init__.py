"""The way of an event: accept, identify, collect, gather, merge, publish."""
