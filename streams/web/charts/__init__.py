"""Drawings of numbers over time, as SVG in the page."""
