"""Ids and addresses of the work, and the record's own stable id."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from sources.discovery import id_name
from streams.merging.inputs import Inputs
from streams.merging.provenance import Choice, Claim


def merge_ids(inputs: Inputs) -> dict[str, str]:
    """Every id anybody names. The site's own record names its id best; otherwise what most probably is right wins."""
    sites = {id_name(source) for source in inputs.records}
    sites.update(site for record in inputs.records.values() for site in record.ids)
    ids = {site: _merge_id(inputs, site) for site in sorted(sites)}
    inputs.trail.note_whole("ids", inputs.policy.of("ids").rule, inputs.sources("ids"))
    return {site: value for site, value in ids.items() if value}


def _merge_id(inputs: Inputs, site: str) -> str | None:
    claims = inputs.claims("ids", lambda record: record.ids.get(site))
    own = next((s for s in inputs.ranked("ids") if id_name(s) == site), None)
    if own is not None:
        won = Claim(own, inputs.records[own].source_id)
        claims = [won, *(claim for claim in claims if claim.source != own)]
        inputs.settle(f"ids.{site}", "ids", Choice(won), claims, "own")
        return str(won.value)
    if not claims:
        return None
    rule = inputs.policy.of("ids").rule
    choice = inputs.choose("ids", claims, claims)
    inputs.settle(f"ids.{site}", "ids", choice, claims, rule)
    return str(choice.won.value)


def merge_urls(inputs: Inputs) -> dict[str, str]:
    """The page of the work on each site."""
    urls = {source: record.url for source, record in sorted(inputs.records.items()) if record.url}
    for source in urls:
        inputs.trail.note(f"urls.{source}", "own", [source])
    inputs.trail.note_whole("urls", "own", urls)
    return urls


def anime_id(ids: Mapping[str, str], order: Sequence[str], known: str | None = None) -> str:
    """The first id that there is in ``order`` (id names, best first): ``mal:1``, else ``anilist:...`` and so on; ``known``, the id of an earlier revision, is kept for good.

    Empty when there is no id at all.
    """
    if known:
        return known
    return next((f"{site}:{ids[site]}" for site in order if site in ids), "")
