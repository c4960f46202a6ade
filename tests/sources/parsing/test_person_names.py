"""Names are spelt as most sites spell them; capitals that are somebody's own are left alone."""

from __future__ import annotations

import pytest

from sources.parsing.person_names import family_quiet, given_first, quiet


@pytest.mark.parametrize(
    ("raw", "name"),
    [
        ("Wendee LEE", "Wendee Lee"),
        ("Megumi HAYASHIBARA", "Megumi Hayashibara"),
        ("Frances HODGSON BURNETT", "Frances Hodgson Burnett"),
        ("Chiaki J. KONAKA", "Chiaki J. Konaka"),
        ("Brina-May O'BRIEN-SMITH", "Brina-May O'Brien-Smith"),
        ("Amber McGLYNN", "Amber McGlynn"),
        ("Émile ZOLÀ", "Émile Zolà"),
    ],
)
def test_a_family_name_in_capitals_is_written_like_any_other(raw: str, name: str) -> None:
    assert quiet(raw) == name


@pytest.mark.parametrize(
    "name",
    [
        *(
            "LiSA",
            "JUN",
            "TM NETWORK",
            "BUMP OF CHICKEN",
            "Official HIGE DANdism",
            "CLAMP",
            "May'n",
            "Tom-H@ck",
        ),
        *(
            "Elizabeth II",
            "Edward Wong Hau Pepelu Tivrusky IV",
            "C.C.",
            "Agent B",
            "Code V.V.",
            "Unit 02",
            "yama",
        ),
        *("山寺宏一", "Kouichi Yamadera", "Monkey D. Luffy", "DJ Krush", "J.A.M.", ""),
    ],
)
def test_capitals_of_a_person_s_own_stay(name: str) -> None:
    assert quiet(name) == name


def test_the_language_of_a_name_is_that_of_its_script() -> None:
    assert (family_quiet("山寺宏一").language, family_quiet("Wendee LEE").language) == ("ja", None)


@pytest.mark.parametrize(
    ("raw", "name"),
    [
        ("Matsuoka, Yoshitsugu", "Yoshitsugu Matsuoka"),
        ("Monkey D., Luffy", "Monkey D. Luffy"),
        ("A, B, C", "A, B, C"),
    ],
)
def test_a_given_name_behind_a_comma_goes_to_the_front(raw: str, name: str) -> None:
    assert given_first(raw) == name
