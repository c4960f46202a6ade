"""Characters with their voices, and staff: the cards of an entry's page, or the whole characters page."""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import Any

from selectolax.lexbor import LexborHTMLParser, LexborNode

from sources.anime_planet.landmarks import SITE, open_page
from sources.errors import NotAnEntry
from sources.parsing.html_page import attribute, line, link, text, texts
from sources.parsing.json_reply import objects, word
from sources.parsing.person_names import family_quiet
from sources.parsing.vocabulary import read
from sources.record import Character, Staff, Unmapped, VoiceActor

_SLUG = re.compile(r"/(?:characters|people)/([a-z0-9][a-z0-9._~%-]{0,199})(?=[/?#]|$)", re.IGNORECASE)
_BACKGROUND = re.compile(r"url\(['\"]?([^'\")]+)")
_FLAGS = {
    "BR": "pt-BR",
    "CN": "zh",
    "DE": "de",
    "ES": "es",
    "FR": "fr",
    "IT": "it",
    "JP": "ja",
    "KR": "ko",
    "MX": "es-419",
    "US": "en",
    "GB": "en",
}
_MOST = 2_000
_MENU = {"all", "top-loved", "top-hated", "tags"}
"""Pages of the site's own menu."""


def parse_characters(body: bytes, *, url: str = "") -> tuple[list[Character], list[Unmapped]]:
    """The characters of ``/anime/<slug>/characters`` by role, the first 2,000; raises `NotAnEntry`.

    The headings name the role of the rows below them.
    """
    page, _ = open_page(body, url)
    unmapped: list[Unmapped] = []
    found: dict[str, Character] = {}
    role = "UNKNOWN"
    for node in page.css("#siteContainer h2, #siteContainer h3, #siteContainer tr"):
        if node.tag != "tr":
            role = read("character_role", "anime_planet", text(node), []) or role
        elif (character := _row(node, role)) is not None:
            found.setdefault(character.ids["anime_planet"], character)
    if not found:  # asked for only when the entry's own page shows characters
        raise NotAnEntry("changed_layout", "the page lists no characters")
    return list(found.values())[:_MOST], unmapped


def _row(row: LexborNode, role: str) -> Character | None:
    anchor = row.css_first('a.name[href*="/characters/"]')
    own_id, name = _SLUG.search(attribute(anchor, "href")), text(anchor)
    if own_id is None or not name:
        return None
    picture = row.css_first("img")
    return Character(
        names=[family_quiet(name)],
        role=role,
        images=_picture(attribute(picture, "data-src") or attribute(picture, "src")),
        voice_actors=_voices(row),
        ids={"anime_planet": own_id[1]},
    )


def says_none(page: LexborHTMLParser, part: str) -> bool:
    """Whether the section of ``characters`` or ``staff``, which every page has, says that there are none."""
    return page.css_first(f"section.EntryPage__content__section__{part} .NoContent") is not None


def unread_characters(page: LexborHTMLParser) -> bool:
    """Whether the entry's page links to characters although it has none of the cards that we know."""
    anchors = page.css('#siteContainer a[href*="/characters/"]')[:_MOST]
    slugs = {found[1] for node in anchors if (found := _SLUG.search(attribute(node, "href")))}
    return bool(slugs - _MENU)


def characters(page: LexborHTMLParser) -> list[Character]:
    """The characters that an entry's page shows, without their roles."""
    return [
        Character(**who, images=_background(card), voice_actors=_voices(card))
        for card, who in _cards(page, "characters")
    ]


def declared(data: dict[str, Any], shown: list[Character]) -> list[Character]:
    """The characters that the structured data names and the cards do not show, of which there are but a few."""
    known = {character.ids["anime_planet"] for character in shown}
    found: dict[str, Character] = {}
    for one in objects(data.get("character"))[:_MOST]:
        own_id, name = _SLUG.search(word(one.get("url")) or ""), line(word(one.get("name")) or "")
        if own_id and name and own_id[1] not in known:
            found.setdefault(
                own_id[1], Character(names=[family_quiet(name)], ids={"anime_planet": own_id[1]})
            )
    return list(found.values())


def staff(page: LexborHTMLParser) -> list[Staff]:
    """The staff that an entry's page shows, with their roles."""
    return [
        Staff(
            **who,
            roles=texts([role] if (role := card.css_first(".CharacterCard__body")) else []),
            image=next(iter(_background(card)), None),
        )
        for card, who in _cards(page, "people")
    ]


def _cards(page: LexborHTMLParser, kind: str) -> Iterator[tuple[LexborNode, dict[str, Any]]]:
    """Each card of ``characters`` or ``people`` with names and id, the first of each id."""
    seen: set[str] = set()
    for card in page.css(f'a.CharacterCard[href*="/{kind}/"]')[:_MOST]:
        own_id, name = _SLUG.search(attribute(card, "href")), text(card.css_first(".CharacterCard__title"))
        if own_id and name and own_id[1] not in seen:
            seen.add(own_id[1])
            yield card, {"names": [family_quiet(name)], "ids": {"anime_planet": own_id[1]}}


def _voices(node: LexborNode) -> list[VoiceActor]:
    """Voices under the flag of their language."""
    found = []
    for flag in node.css('[class*="flag"]')[:40]:
        country = next(
            (name[4:] for name in attribute(flag, "class").split() if re.fullmatch("flag[A-Z]{2}", name)),
            None,
        )
        for voice in (flag.css("a") or [flag]) if country else ():
            own_id, name = _SLUG.search(attribute(voice, "href")), text(voice)
            if name:
                ids = {"anime_planet": own_id[1]} if own_id else {}
                found.append(
                    VoiceActor(names=[family_quiet(name)], language=_FLAGS.get(country or ""), ids=ids)
                )
    return found


def _background(card: LexborNode) -> list[str]:
    found = _BACKGROUND.search(attribute(card.css_first("aside"), "style"))
    return _picture(found[1]) if found else []


def _picture(src: str) -> list[str]:
    url = link(SITE, src)
    return [url] if url and "/default/" not in url and not url.endswith("card-load.svg") else []
