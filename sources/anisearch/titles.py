"""Titles of every release and the synonyms, each with its language."""

from __future__ import annotations

from collections.abc import Iterator

from selectolax.lexbor import LexborHTMLParser, LexborNode

from sources.anisearch.infoblock import Release, without_label
from sources.parsing.html_page import attribute, title
from sources.parsing.languages import native_language, romanised
from sources.parsing.text import one_line, title_text
from sources.parsing.titles import distinct, synonym
from sources.record import Title

_MOST = 300


def titles(page: LexborHTMLParser, blocks: list[Release], headline: str | None) -> list[Title]:
    """All titles, that of the original release first; ``headline`` is added when no block has it."""
    found = [
        named for number, block in enumerate(blocks) for named in _of_release(block, original=number == 0)
    ]
    if headline and headline not in {named.text for named in found}:
        found.insert(0, Title(text=headline, language=native_language(headline), kind="main"))
    box = page.css_first("#information div.synonyms")
    hidden = (synonym(said) for said in synonyms(box)) if box is not None else ()
    return distinct([*found, *hidden])[:_MOST]


def _of_release(block: Release, *, original: bool) -> Iterator[Title]:
    """The title in bold, then its other spellings; in the original block Latin letters are a romanisation."""
    node = block.nodes.get("title")
    if node is None:
        return
    for number, item in enumerate([*node.css("strong"), *node.css("div.grey, span.grey")]):
        said = title(item)
        if not said:
            continue
        native = native_language(said)
        language = (native and _native(native, block.language)) or (
            romanised(block.language) if original else None
        )
        kind = "main" if original and number == 0 else "official" if native or number == 0 else "synonym"
        yield Title(text=said, language=language or block.language, kind=kind)


def _native(by_script: str, of_block: str | None) -> str:
    """Han characters alone may be read as Japanese; the block's own East Asian language knows better."""
    return of_block if of_block in {"ja", "zh", "ko"} and by_script in {"ja", "zh"} else by_script


def synonyms(box: LexborNode) -> list[str]:
    """The synonyms in a box, the folded-away ones too.

    They alternate between plain and grey, so that a comma in a title is not taken for the end of it.
    """
    found: list[str] = []
    for child in without_label(box):
        if attribute(child, "id") == "text-synonyms":
            found += synonyms(child)
        elif child.tag in {"-text", "i", "span"} and (
            said := title_text(one_line(child.text(deep=True)).strip(" ,"))
        ):
            found.append(said)
    return found
