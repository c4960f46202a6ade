"""What `streams.operations.doctor` finds about one thing."""

from __future__ import annotations

from typing import Literal

from pydantic import BaseModel

State = Literal["ok", "note", "warning", "fault"]


class Check(BaseModel):
    """One finding. ``fault`` stops the work, ``warning`` costs something, ``note`` is a choice."""

    subject: str
    state: State
    found: str
    next_step: str = ""
