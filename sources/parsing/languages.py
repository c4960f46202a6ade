"""Language names and keys of the sites as BCP 47 tags."""

from __future__ import annotations

import re

_TAG = re.compile(r"[a-z]{2,3}(?:-[A-Za-z0-9]{2,8}){0,3}")
NAMES = {
    "arabic": "ar",
    "brazilian": "pt-BR",
    "catalan": "ca",
    "chinese": "zh",
    "czech": "cs",
    "danish": "da",
    "dutch": "nl",
    "english": "en",
    "filipino": "fil",
    "finnish": "fi",
    "french": "fr",
    "german": "de",
    "greek": "el",
    "hebrew": "he",
    "hindi": "hi",
    "hungarian": "hu",
    "indonesian": "id",
    "italian": "it",
    "japanese": "ja",
    "korean": "ko",
    "malay": "ms",
    "malaysian": "ms",
    "mandarin": "zh",
    "nepali": "ne",
    "norwegian": "no",
    "polish": "pl",
    "portuguese": "pt",
    "portuguese (br)": "pt-BR",
    "portuguese (brazil)": "pt-BR",
    "russian": "ru",
    "spanish": "es",
    "spanish (latin america)": "es-419",
    "swedish": "sv",
    "tagalog": "tl",
    "thai": "th",
    "turkish": "tr",
    "ukrainian": "uk",
    "urdu": "ur",
    "vietnamese": "vi",
}

_ROMANISED = {
    "jp": "ja-Latn",
    "kr": "ko-Latn",
    "cn": "zh-Latn",
    "tw": "zh-Latn",
    "hk": "zh-Latn",
    "th": "th-Latn",
}
_HOME = {
    "en": "us",
    "ja": "jp",
    "ko": "kr",
    "sv": "se",
    "da": "dk",
    "cs": "cz",
    "he": "il",
    "ar": "sa",
    "uk": "ua",
}
_HAN = {"cn": "zh-Hans", "sg": "zh-Hans", "tw": "zh-Hant", "hk": "zh-Hant"}
_MISNAMED = {"jp": "ja", "kr": "ko", "cn": "zh", "cz": "cs", "iw": "he"}


def by_name(name: object) -> str | None:
    """The tag for an English language name such as ``Portuguese (BR)``; ``None`` when we do not know it."""
    return NAMES.get(name.strip().lower()) if isinstance(name, str) else None


def by_key(key: str) -> str | None:
    """The tag for a key such as ``en_jp`` (romaji: ``ja-Latn``), ``ja_jp``, ``en-us`` or ``zh_cn``."""
    language, _, region = key.strip().lower().replace("-", "_").partition("_")
    language = _MISNAMED.get(language, language)
    if not (language.isascii() and language.isalpha() and 2 <= len(language) <= 3):
        return None
    if language == "en" and region in _ROMANISED:
        return _ROMANISED[region]
    if language == "zh" and region in _HAN:
        return _HAN[region]
    if not (region.isascii() and region.isalnum()) or region in {language, _HOME.get(language)}:
        return language
    return f"{language}-{region.upper()}" if len(region) in {2, 3} else language


def native_language(text: str) -> str | None:
    """``ja``, ``ko`` or ``zh`` by script; Han characters alone are Chinese only if no Japanese code page has them."""
    if any("\u3040" <= ch <= "\u30ff" for ch in text):
        return "ja"
    if any("\uac00" <= ch <= "\ud7a3" for ch in text):
        return "ko"
    han = "".join(ch for ch in text if "\u4e00" <= ch <= "\u9fff")
    if not han:
        return None
    try:
        han.encode("cp932")
    except UnicodeEncodeError:
        return "zh"
    return "ja"


def romanised(language: str | None) -> str | None:
    """The tag of a title in Latin letters whose original is in ``language``."""
    return f"{language}-Latn" if language in {"ja", "ko", "zh"} else None


def by_tag(text: str | None) -> str | None:
    """A language tag such as ``en``, ``ja-Latn`` or ``pt-BR`` as a page declares it; ``None`` for anything else."""
    said = (text or "").strip()
    return said if _TAG.fullmatch(said) else None
