"""What a record knows of its work, for asking a site about it. Pure."""

from __future__ import annotations

from streams.contract.events import Evidence
from streams.contract.record import EnrichedRecord


def evidence_of(record: EnrichedRecord) -> Evidence:
    """What a record knows that lets a site without cross ids recognise the work."""
    texts = [
        record.title,
        record.title_english,
        record.title_native,
        *(title.text for title in record.titles),
    ]
    return Evidence(
        titles=list(dict.fromkeys(one for one in texts if one)),
        type=record.type,
        year=record.year,
        start_date=record.start_date,
        episode_count=record.episode_count,
        ids=dict(record.ids),
    )
