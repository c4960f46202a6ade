"""The breaker's faults in played time: what a seed does, it does again."""
