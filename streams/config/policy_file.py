"""The policy's files: the shipped one and the user's on top of it, checked when they are read."""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from dataclasses import replace
from functools import cache
from importlib.resources import files
from pathlib import Path
from typing import Any

from sources import discover
from sources.discovery import id_names
from streams.config.toml_file import PolicyFile
from streams.merging.policy import FIELDS, KINDS, MANY, PROBABLE, FieldPolicy, Policy
from streams.merging.weights import Starting

SHIPPED = Path(str(files("streams.merging") / "policy.toml"))

_TOP = ("policy", "languages", "search_language", "ids", "fields", "aliases")
_WAYS = ("learned", "order")
_WORDS = ("rule", "order", "never")
_ALIASES = ("genres", "studios", "tags", "sites")


@cache
def default_policy() -> Policy:
    """The policy that is shipped."""
    return load_policy()


def load_policy(path: Path | None = None, *, known_sources: Collection[str] | None = None) -> Policy:
    """The shipped policy with the fields of the file ``path`` in place of its own.

    Raises `PolicyError` for a field, rule or source that does not exist, and for a file that is no TOML. Known are
    the sources found in ``sources/`` and those of the shipped policy, unless ``known_sources`` says otherwise.
    """
    shipped = PolicyFile.read(SHIPPED)
    ours = _fields(shipped, {}, None)
    mentioned = frozenset(source for rule in ours.values() for source in (*rule.order, *rule.never))
    languages, id_order = tuple(shipped.data["languages"]), _id_order(shipped, ())
    starting, search = _starting(shipped.data["reliability"]), shipped.data["search_language"]
    policy = Policy(ours, languages, shipped.data["aliases"], id_order, mentioned, starting, search)
    file = PolicyFile.read(path) if path else shipped
    if _way(file) == "learned":
        policy = replace(policy, fields=_weighed(ours, shipped.data["learned"]))
    if path is None:
        return policy
    known = set(known_sources) if known_sources is not None else {*mentioned, *discover()}
    return _override(policy, file, known)


def _way(file: PolicyFile) -> str:
    """Whether values are weighed or taken by order."""
    way = file.data.get("policy", "learned")
    if way not in _WAYS:
        raise file.unknown("policy is learned or order, not", str(way), _WAYS, "policy")
    return str(way)


def _weighed(fields: Mapping[str, FieldPolicy], names: Sequence[str]) -> dict[str, FieldPolicy]:
    plain = FieldPolicy(PROBABLE)
    return {**fields, **{name: replace(fields.get(name, plain), rule=PROBABLE) for name in names}}


def _starting(table: Mapping[str, Any]) -> Starting:
    """How far sources are believed before anything was counted."""
    lacking = {
        name: {source: frozenset(words) for source, words in said.items()}
        for name, said in table["lacking"].items()
    }
    return Starting(**{**table, "kin": frozenset(table["kin"]), "lacking": lacking})


def _override(policy: Policy, file: PolicyFile, known: Collection[str]) -> Policy:
    for name in file.data:
        if name not in _TOP:
            raise file.unknown("unknown setting", name, _TOP)
    languages = file.data.get("languages", policy.languages)
    if not _is_names(languages) or not languages:
        raise file.error("languages must be a list of language tags", "languages")
    search = file.data.get("search_language", policy.search_language)
    if not isinstance(search, str) or not search:
        raise file.error("search_language must be one language tag", "search_language")
    aliases = file.data.get("aliases", {})
    for name in aliases:
        if name not in _ALIASES:
            raise file.unknown("no aliases for", name, _ALIASES, "aliases")
    united = {name: {**policy.aliases.get(name, {}), **_pairs(file, aliases, name)} for name in _ALIASES}
    return replace(
        policy,
        fields={**policy.fields, **_fields(file, policy.fields, known)},
        languages=tuple(languages),
        aliases=united,
        id_order=_id_order(file, policy.id_order),
        search_language=search,
    )


def _id_order(file: PolicyFile, before: Sequence[str]) -> tuple[str, ...]:
    """Which id names a record: those that ``file`` lists, then as ``before``, then those of all other sources by name."""
    table = file.data.get("ids", {})
    listed: Any = table.get("order") if isinstance(table, dict) and set(table) <= {"order"} else None
    if "ids" not in file.data:
        return tuple(before)
    if not _is_names(listed):
        raise file.error("ids takes an order, a list of the names of ids", "ids")
    known = [*(before or listed), *sorted(id_names())]
    for name in listed:
        if name not in known:
            raise file.unknown("ids: unknown name", name, known, "ids")
    return tuple(dict.fromkeys((*listed, *known)))


def _pairs(file: PolicyFile, aliases: Mapping[str, Any], name: str) -> dict[str, str]:
    table = aliases.get(name, {})
    if not isinstance(table, dict) or not all(isinstance(value, str) for value in table.values()):
        raise file.error(f"aliases of {name} must be pairs of text", "aliases", name)
    return table


def _fields(
    file: PolicyFile, base: Mapping[str, FieldPolicy], known: Collection[str] | None
) -> dict[str, FieldPolicy]:
    table = file.data.get("fields", {})
    if not isinstance(table, dict):
        raise file.error("fields must be a table", "fields")
    return {name: _field(file, name, value, base.get(name), known) for name, value in _flat(table).items()}


def _flat(table: Mapping[str, Any]) -> dict[str, Any]:
    """Fields by dotted name; ``episodes.aired = [...]`` without quotes is a nested table to TOML."""
    flat: dict[str, Any] = {}
    for name, value in table.items():
        nested = value if isinstance(value, dict) else {}
        parts = {key: part for key, part in nested.items() if f"{name}.{key}" in FIELDS}
        flat.update({f"{name}.{key}": part for key, part in parts.items()})
        rest = {key: part for key, part in nested.items() if key not in parts}
        if rest or not parts:
            flat[name] = rest if parts else value
    return flat


def _field(
    file: PolicyFile, name: str, value: Any, shipped: FieldPolicy | None, known: Collection[str] | None
) -> FieldPolicy:
    last = name.rpartition(".")[2]
    if name not in FIELDS:
        raise file.unknown("unknown field", name, FIELDS)
    rules = KINDS[FIELDS[name]]
    before = shipped or FieldPolicy(rules[0])
    table = _table(file, name, value)
    rule = table.get("rule", before.rule)
    if rule not in rules:
        raise file.unknown(f"{name} takes {', '.join(rules)}; unknown rule", str(rule), rules, last)
    order, never = table.get("order", before.order), table.get("never", before.never)
    for source in (*order, *never):
        if known is not None and source not in known:
            raise file.unknown(f"{name}: unknown source", source, known, last)
    return FieldPolicy(rule, tuple(order), frozenset(never))


def _table(file: PolicyFile, name: str, value: Any) -> dict[str, Any]:
    """The long form of a field's value, shape checked; a bare list of sources means the first that knows."""
    last, kind = name.rpartition(".")[2], FIELDS[name]
    if isinstance(value, str):
        return {"rule": value}
    if _is_names(value):
        single = "first" in KINDS[kind] and kind not in MANY
        return {"rule": "first", "order": value} if single else {"order": value}
    if not isinstance(value, dict):
        raise file.error(f"{name} takes a list of sources, a rule, or a table of rule, order and never", last)
    for key, part in value.items():
        if key not in _WORDS:
            raise file.unknown(f"{name}: unknown word", key, _WORDS, last)
        if key != "rule" and not _is_names(part):
            raise file.error(f"{name}: {key} takes a list of sources", last, key)
    return value


def _is_names(value: Any) -> bool:
    return isinstance(value, list | tuple) and all(isinstance(item, str) for item in value)
