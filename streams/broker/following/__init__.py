"""Owners of what following keeps on the server: who follows, the budgets, the lists, the questions under way."""
