"""How a move is made, on whatever server the actors stand on."""

from __future__ import annotations

from typing import Any, NamedTuple

from benchmarks.orders.actors import Actors, Hand, request_fields, work_of
from benchmarks.orders.scenes import Scene
from benchmarks.orders.steps import at_once
from benchmarks.orders.values import entry_id
from streams.broker.connection import text
from streams.broker.delivery import Delivery
from streams.broker.keys import AGGREGATE, Topology

LEASE_MS, SILENT_MS = 30_000, 60_000


class Move(NamedTuple):
    """One thing that happens: ``who`` is the place of the worker, -1 for the world around them; ``costs`` what it uses up."""

    kind: str
    who: int = -1
    what: str = ""
    costs: str = ""
    where: tuple[str, str] = ("", "")
    """The stream and the group of what is read, or the request and the source of what is asked again."""

    @property
    def told(self) -> str:
        whose = f"worker {self.who + 1}: " if self.who >= 0 else ""
        rest = [self.what, *(one for one in self.where if one)]
        return whose + " ".join(one for one in (self.kind, *rest) if one)


def lanes(names: Topology, sources: tuple[str, ...]) -> list[tuple[str, str]]:
    """Every stream and group, but those that no request of ours comes by."""
    return names.groups(list(sources))


def set_up(actors: Actors, sources: tuple[str, ...]) -> None:
    """Make all groups."""
    for stream, group in lanes(actors.names, sources):
        at_once(actors.steps.call("XGROUP", "CREATE", stream, group, "0", "MKSTREAM"))


def by_worker(actors: Actors, hand: Hand, move: Move) -> Hand:
    """What a worker has in hand after its move."""
    if move.kind.startswith(("reads", "takes over")):
        return _taken(actors, hand, move)
    if move.kind == "sees that it is overdue":
        return hand._replace(doing="look_in_full", request=move.what)
    if move.kind == "crashes":
        return _crashed(actors, hand)
    if move.kind == "is silent":
        _silence(actors, hand)
        return hand
    if move.kind == "renews its lease":
        return hand.idle() if _beat(actors, hand) else hand
    after: Hand = getattr(actors, move.what)(hand)
    return hand if move.costs == "fault" else after


def around(actors: Actors, scene: Scene, move: Move) -> None:
    """What happens beside the workers."""
    request, source = move.where
    if move.kind == "somebody publishes":
        first, last = move.what.endswith("1"), move.what.endswith(str(scene.requests))
        fields = request_fields(
            move.what,
            early=scene.early,
            reply=scene.reply and (first or scene.known),
            part=scene.part,
            look=scene.look and last,
        )
        at_once(actors.steps.call("XADD", actors.names.requests, "*", *_pairs(fields)))
    elif move.kind == "a replay asks":
        actors.ask_again(request, source, letter_of(actors, move))
    elif move.kind == "a reader deletes its stream":
        at_once(actors.steps.call("UNLINK", move.what))
    elif move.kind == "a refresh is published":
        actors.refresh()
    elif move.kind == "what is put off is due":
        actors.move_due()
    elif move.kind == "a state is forgotten":
        actors.forget()
    elif move.kind == "a record is forgotten":
        actors.forget_record()


def letter_of(actors: Actors, move: Move) -> str:
    """The dead letter by which a replay asks, or ''."""
    request, source = move.where
    if not move.what:
        return ""
    if move.what == "by a letter of before":
        return text(entry_id(1))  # seen when it was the first, whatever has become of it
    found = at_once(actors.steps.call("HGET", actors.names.state(request), f"d:{source}"))
    return text(found) if found else ""


def silence_rest(actors: Actors, hand: Hand) -> None:
    """Nobody renews the leases of a worker that thinks it has nothing in hand."""
    if hand.delivery is not None:
        _silence(actors, hand)


def _taken(actors: Actors, hand: Hand, move: Move) -> Hand:
    stream, group = move.where
    call = actors.steps.call
    if move.kind.startswith("reads"):
        found = at_once(call("XREADGROUP", "GROUP", group, hand.worker, "COUNT", 1, "STREAMS", stream, ">"))
        entry, raw = found[0][1][0]
    else:
        found = at_once(call("XAUTOCLAIM", stream, group, hand.worker, LEASE_MS, "0-0", "COUNT", 1))
        entry, raw = found[1][0]
    delivery = Delivery(stream, group, text(entry), dict(zip(raw[::2], raw[1::2], strict=True)))
    request = text(delivery.raw[b"request_id"]) if group == AGGREGATE else ""
    return hand._replace(doing=work_of(delivery, actors.names), delivery=delivery, request=request)


def _crashed(actors: Actors, hand: Hand) -> Hand:
    silence_rest(actors, hand)
    place, _, lives = hand.worker.partition(b".")
    return Hand(b"%b.%d" % (place, int(lives or 0) + 1))


def _silence(actors: Actors, hand: Hand) -> None:
    """Let the time of its lease pass, if it has one."""
    one = hand.delivery
    assert one is not None
    rows: Any = at_once(actors.steps.call("XPENDING", one.stream, one.group, one.id, one.id, 1))
    if rows and rows[0][1] == hand.worker:
        words = ("XCLAIM", one.stream, one.group, hand.worker, 0, one.id, "IDLE", SILENT_MS, "JUSTID")
        at_once(actors.steps.call(*words))


def _beat(actors: Actors, hand: Hand) -> list[bytes]:
    one = hand.delivery
    assert one is not None
    lost: list[bytes] = at_once(
        actors.steps.run("heartbeat", [one.id], stream=one.stream, group=one.group, consumer=hand.worker)
    )
    return lost


def _pairs(fields: Any) -> list[str]:
    return [part for pair in fields.items() for part in pair]
