"""The status page: the fleet, the records, who said what, dead letters; plain HTML, no build step, no other host."""
