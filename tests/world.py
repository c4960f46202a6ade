"""The seven sites on loopback; the product's own player (it also serves ``--offline``), under the name tests use."""

from sources.demo.world import Asked, Fault, Site, World

__all__ = ["Asked", "Fault", "Site", "World"]
