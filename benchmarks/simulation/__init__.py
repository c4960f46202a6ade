"""Time and network that are played: a loop whose clock jumps, wires that are no sockets, and a real server that believes it.

The product runs in it as it is, many processes of it in one thread; what happens, and in which order, follows from a seed.
"""
