"""The user's own rules: read once before anything starts, so that a slip is told with its line."""

from __future__ import annotations

from streams.config.settings import Settings
from streams.merging.policy import load_policy
from streams.service.wiring import corrections


def check_files(settings: Settings) -> None:
    """Read the policy and the overrides that the settings name. Raises `PolicyError`, naming the line, or ``OSError``."""
    load_policy(settings.policy_file)
    corrections(settings)
