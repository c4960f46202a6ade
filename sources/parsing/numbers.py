"""Numbers by what they are: a count, a decimal, a percentage or a rank, as English and German pages write them.

aniSearch separates thousands with a dot (1.610 members), Anime-Planet and MyAnimeList with a comma, and both write
decimals with a dot: only what a number means tells ``4.631`` votes from an average of ``4.631``.
"""

from __future__ import annotations

import re

_SPACES = " \u00a0\u2009\u202f"
"""What some languages set between thousands; on one line of a page all of them have become plain blanks."""

_THOUSANDS = rf"\d{{1,3}}(?:[.,'’{_SPACES}]\d{{3}})+(?![.,]?\d)"
_WORDS_FOR_MANY = "Tsd|Mio|Mrd|thousand|million|billion"
_TIMES = {"k": 1000, "m": 1_000_000}
_COUNT = re.compile(
    rf"(?<![A-Za-z\d.,:/‑–−-])(?:(?P<grouped>{_THOUSANDS})|(?P<plain>\d+)(?P<rest>[.,]\d+)?)(?!\d|[.,:/‑–−-]\d|[eE][-+]?\d)"
    rf"(?:\s?(?P<times>[kKM])\b)?(?!\s?(?:{_WORDS_FOR_MANY})\b)"
)
_INTEGER = re.compile(r"(?:\d+|\d{1,3}(?:,\d{3})+)(?:\.0+)?")
_DECIMAL = re.compile(r"-?\d+(?:[.,]\d+)*(?:[eE][-+]?\d+)?")
_PERCENT = re.compile(r"(\d+(?:[.,]\d+)?)\s*%")
_RANK = re.compile(rf"(?:#|\bNo\.?|\bRank)\s*({_THOUSANDS}|\d+)", re.IGNORECASE)
_LONGEST = 18


def count(value: object) -> int | None:
    """How many of something: the first number of a text such as ``11.752``, ``#2,366`` or ``25 episodes``.

    ``11.7K`` is 11700. ``None`` for nothing, for a truth value, and for a number with a fraction, which counts nothing.
    """
    if isinstance(value, bool):
        return None
    if isinstance(value, int):
        return value
    if isinstance(value, float):
        return int(value) if value.is_integer() and abs(value) < 1e15 else None
    found = _COUNT.search(value) if isinstance(value, str) else None
    return _count(found) if found else None


def _count(found: re.Match[str]) -> int | None:
    rest = found["rest"] or ""
    if found["times"]:  # thousands are not set apart as well
        short = f"{found['plain']}{rest.replace(',', '.')}"
        return None if found["grouped"] else round(float(short) * _TIMES[found["times"].lower()])
    digits = re.sub(r"\D", "", found["grouped"] or found["plain"])
    return int(digits) if not rest.strip(".,0") and len(digits) <= _LONGEST else None


def integer(value: object) -> int | None:
    """A whole number as an API gives it: a number, or a text that is one from end to end.

    ``None`` for a truth value, a fraction, a number below zero as text, a range, a date and anything else.
    """
    if not isinstance(value, str):
        return count(value)
    found = _INTEGER.fullmatch(value.strip()) if value.isascii() else None
    digits = found[0].partition(".")[0].replace(",", "") if found else ""
    return int(digits) if 0 < len(digits) <= _LONGEST else None


def decimal(text: str) -> float | None:
    """``82.11``, ``4,37``, ``1.234,5`` or ``1,234.5``; ``None`` for anything else.

    Of two signs the last one is the decimal sign; one comma before exactly three digits may be either and says nothing.
    """
    plain = text.strip()
    if not _DECIMAL.fullmatch(plain):
        return None
    last = max(plain.rfind("."), plain.rfind(","))
    head, sign, tail = plain[: max(last, 0)], plain[last : last + 1], plain[last + 1 :]
    if last < 0:
        return float(plain)
    if sign in head or (sign == "," and len(tail) == 3 and "." not in head):
        return None
    return float(re.sub(r"[.,]", "", head) + "." + tail)


def percent(text: str | None) -> float | None:
    """87 of ``4.33 = 87%``."""
    found = _PERCENT.search(text or "")
    return decimal(found[1]) if found else None


def rank(text: str | None) -> int | None:
    """1610 of ``#1.610`` or ``Rank #1,610``; a number without its sign is none."""
    found = _RANK.search(text or "")
    return count(found[1]) if found else None
