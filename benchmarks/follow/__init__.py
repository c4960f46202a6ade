"""A quarter of a year of following, in a model of time: the product's scout over made-up sites, minutes for months."""
