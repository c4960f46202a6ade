"""Titles in, records out: enrich, publish, watch, tail."""
