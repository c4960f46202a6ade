from __future__ import annotations

import pytest

from sources.parsing.languages import by_key, by_name, native_language, romanised


@pytest.mark.parametrize(
    ("key", "tag"),
    [
        ("en", "en"),
        ("en_us", "en"),
        ("en-us", "en"),
        ("en_jp", "ja-Latn"),
        ("en_kr", "ko-Latn"),
        ("en_cn", "zh-Latn"),
        ("ja_jp", "ja"),
        ("jp_jp", "ja"),
        ("zh_cn", "zh-Hans"),
        ("zh_tw", "zh-Hant"),
        ("pt_br", "pt-BR"),
        ("es_es", "es"),
        ("", None),
        ("?_jp", None),
    ],
)
def test_a_key_of_a_site_becomes_a_language_tag(key: str, tag: str | None) -> None:
    assert by_key(key) == tag


def test_a_language_is_known_by_its_english_name() -> None:
    assert by_name("Portuguese (BR)") == "pt-BR"
    assert by_name("Klingon") is None
    assert by_name(None) is None


def test_a_native_title_tells_its_language_by_its_script() -> None:
    assert native_language("フルーツバスケット") == "ja"
    assert native_language("葬送の") == "ja"
    assert native_language("蟲師") == "ja"
    assert native_language("魔道祖师") == "zh"
    assert native_language("신의 탑") == "ko"
    assert native_language("Shelter") is None


def test_only_a_language_with_another_script_is_romanised() -> None:
    assert romanised("zh") == "zh-Latn"
    assert romanised("de") is None
