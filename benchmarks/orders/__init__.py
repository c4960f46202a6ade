"""Every order of a small world: the scripts themselves, a server in this process, and the promises that hold in all states."""
