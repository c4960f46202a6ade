"""Lists united without repetitions: names of things, companies, pictures, addresses, videos."""

from __future__ import annotations

from collections.abc import Callable, Hashable
from typing import Any

from sources.parsing.links import youtube_id
from sources.record import Image, Link, Trailer
from streams.merging.inputs import Inputs
from streams.merging.provenance import Claim, parts
from streams.text.keys import company_key, link_key, url_key, word_key

_COMPANIES = ("studios", "producers", "licensors")
_IMAGE_KINDS = ("poster", "banner", "cover", "thumbnail", "screenshot")


def unite(
    inputs: Inputs,
    field: str,
    key: Callable[[Any], Hashable],
    *,
    rank: Callable[[Any], Any] | None = None,
    show: Callable[[Any], Any] = lambda item: item,
) -> list[Any]:
    """Each thing once, as ``show`` makes it of the best source's; what others wrote is kept as beaten by the item."""
    groups: dict[Hashable, list[Claim]] = {}
    for source, items in inputs.lists(field):
        for item in items:
            groups.setdefault(key(item), []).append(Claim(source, item))
    ordered = (
        sorted(groups.values(), key=lambda claims: rank(claims[0].value)) if rank else list(groups.values())
    )
    shown = [show(claims[0].value) for claims in ordered]
    for index, (item, claims) in enumerate(zip(shown, ordered, strict=True)):
        sources = list(dict.fromkeys([claim.source for claim in claims]))
        beaten = [claim for claim in claims if parts(claim.value) != parts(item)]
        inputs.trail.note(f"{field}[{index}]", "union", sources, beaten)
    inputs.note_list(field)
    return shown


def merge_names(inputs: Inputs, field: str) -> list[str]:
    """Genres, demographics, studios, producers or licensors; the policy's aliases name the spelling to use."""
    plain = company_key if field in _COMPANIES else word_key
    aliases = inputs.policy.aliases.get("studios" if field in _COMPANIES else "genres", {})
    preferred = {plain(name): spelling for name, spelling in aliases.items()}

    def show(name: str) -> str:
        return preferred.get(plain(name), name)

    return unite(inputs, field, lambda name: plain(show(name)), show=show)


def merge_images(inputs: Inputs) -> list[Image]:
    """Pictures by address, posters first."""
    return unite(
        inputs, "images", lambda image: url_key(image.url), rank=lambda i: _IMAGE_KINDS.index(i.kind)
    )


def merge_trailers(inputs: Inputs) -> list[Trailer]:
    """Videos by their id on the site, whatever the form of the address."""
    return unite(inputs, "trailers", _video)


def _video(trailer: Trailer) -> Hashable:
    if found := youtube_id(trailer.url):
        return "youtube", found
    return (word_key(trailer.site), trailer.id) if trailer.id else url_key(trailer.url)


def merge_links(inputs: Inputs, field: str) -> list[Link]:
    """Pages elsewhere by address, sites under the name that the policy's aliases give them."""
    aliases = {
        word_key(name): preferred for name, preferred in inputs.policy.aliases.get("sites", {}).items()
    }

    def show(link: Link) -> Link:
        site = aliases.get(word_key(link.site), link.site)
        return link if site == link.site else link.model_copy(update={"site": site})

    return unite(inputs, field, lambda link: link_key(link.url), show=show)
