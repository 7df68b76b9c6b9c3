"""Every way to break a good history, and the check that must see it."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from typing import Any, TypeVar

from tests.checker.good import ANN, EVE, HALL
from tests.faults.dump import ChangeRow, Dump, MessageRow
from tests.faults.history import (
    Acked,
    Closed,
    Dialled,
    Event,
    FaultHealed,
    History,
    Invoked,
    Listed,
    Measured,
    Nacked,
    Opened,
    PresenceSeen,
    Received,
    Rendered,
    Reset,
    Unanswered,
    Unread,
)

_E = TypeVar("_E", bound=Event)
Break = Callable[[History, Dump], None]


def all_of(history: History, kind: type[_E], **wanted: object) -> list[_E]:
    return [
        event
        for event in history.of(kind)
        if all(getattr(event, name) == value for name, value in wanted.items())
    ]


def _change(history: History, event: Event, **fields: Any) -> None:
    place = history.events.index(event)
    history.events[place] = replace(event, **fields)


def _insert(history: History, before: Event, event: Event) -> None:
    history.events.insert(history.events.index(before), event)


def change_rows(history: History, tab: str, change: Callable[[list[Any]], list[Any]]) -> None:
    (listed,) = all_of(history, Listed, tab=tab)
    _change(history, listed, rows=tuple(change(list(listed.rows))))


def lose_an_acked_one(_history: History, dump: Dump) -> None:
    del dump.messages[5]


def ack_before_commit(history: History, _dump: Dump) -> None:
    end = history.events[-1].at_s
    said = Invoked(end + 0.1, "ann", ANN, HALL, "never", "never", 1)
    history.events += [said, Acked(end + 0.2, "ann", HALL, "never", 999, 999)]


def store_it_twice(_history: History, dump: Dump) -> None:
    row = dump.messages[5]
    dump.messages.append(replace(row, id=900, seq=dump.rooms[0].last_seq))


def store_its_text_under_another_key(_history: History, dump: Dump) -> None:
    row = dump.messages[5]
    dump.messages.append(replace(row, id=900, key="renewed", seq=dump.rooms[0].last_seq))


def show_it_twice(history: History, _dump: Dump) -> None:
    change_rows(history, "ben", lambda rows: [*rows[:4], rows[3], *rows[4:]])


def answer_a_repeat_with_another_seq(history: History, _dump: Dump) -> None:
    ack = all_of(history, Acked)[4]
    history.events.append(replace(ack, at_s=history.events[-1].at_s + 1, seq=ack.seq + 1))


def store_an_unknown_twice(history: History, dump: Dump) -> None:
    end = history.events[-1].at_s
    said = Invoked(end + 0.1, "ann", ANN, HALL, "perhaps", "", 1)
    history.events += [said, Unanswered(end + 0.2, "ann", "perhaps")]
    seq, number = dump.rooms[0].last_seq, dump.rooms[0].last_msg_no
    for count in (1, 2):
        row = MessageRow(900 + count, HALL, seq + count, number + count, ANN, "perhaps", "")
        dump.messages.append(row)
        dump.changes.append(ChangeRow(HALL, seq + count, "message.posted", row.id))
    dump.rooms[0] = replace(dump.rooms[0], last_seq=seq + 2)


def store_what_was_refused(history: History, dump: Dump) -> None:
    end = history.events[-1].at_s
    said = Invoked(end + 0.1, "ann", ANN, HALL, "refused", "", 1)
    history.events += [said, Nacked(end + 0.2, "ann", "refused", "forbidden", may_retry=False)]
    dump.messages.append(MessageRow(900, HALL, dump.rooms[0].last_seq, None, ANN, "refused", ""))


def leave_a_hole_in_the_log(_history: History, dump: Dump) -> None:
    del dump.changes[6]


def number_two_changes_alike(_history: History, dump: Dump) -> None:
    dump.changes[6] = replace(dump.changes[6], seq=dump.changes[5].seq)


def answer_with_the_wrong_seq(history: History, _dump: Dump) -> None:
    ack = all_of(history, Acked)[-1]
    _change(history, ack, seq=ack.seq + 50)


def skip_one_on_a_socket(history: History, _dump: Dump) -> None:
    history.events.remove(all_of(history, Received, tab="ben")[5])


def repeat_one_on_a_socket(history: History, _dump: Dump) -> None:
    received = all_of(history, Received, tab="ben")[5]
    _insert(history, received, received)


def hide_one_from_a_reader(history: History, _dump: Dump) -> None:
    change_rows(history, "ben-phone", lambda rows: [*rows[:4], *rows[5:]])


def show_nothing_at_the_end(history: History, _dump: Dump) -> None:
    (listed,) = all_of(history, Listed, tab="ben")
    history.events.remove(listed)


def say_that_it_cannot_replay(history: History, dump: Dump) -> None:
    history.events.append(Reset(history.events[-1].at_s, "ben", HALL, dump.rooms[0].last_seq))


def swap_two_in_a_list(history: History, _dump: Dump) -> None:
    change_rows(history, "ben", lambda rows: [rows[1], rows[0], *rows[2:]])


def render_one_behind_a_later_one(history: History, _dump: Dump) -> None:
    rendered = all_of(history, Rendered, tab="ben")[6]
    _change(history, rendered, after_seq=rendered.seq + 1)


def _swap_seqs(history: History, dump: Dump, first: int, second: int) -> None:
    # In the database and in all answers alike, so that nothing but the order is wrong.
    one, two = dump.messages[first], dump.messages[second]
    dump.messages[first], dump.messages[second] = replace(one, seq=two.seq), replace(two, seq=one.seq)
    for ack in all_of(history, Acked):
        for mine, other in ((one, two), (two, one)):
            if ack.key == mine.key:
                _change(history, ack, seq=other.seq)


def number_a_later_one_before_an_answered_one(history: History, dump: Dump) -> None:
    _swap_seqs(history, dump, 4, 12)


def put_a_reply_before_its_parent(_history: History, dump: Dump) -> None:
    dump.messages[3] = replace(dump.messages[3], parent=dump.messages[9].id)


def go_back_in_time(history: History, _dump: Dump) -> None:
    (state,) = all_of(history, Unread, tab="ann")
    _insert(history, state, replace(state, last_msg_no=state.last_msg_no + 5, is_final=False))


def leak_one_to_a_stranger(history: History, _dump: Dump) -> None:
    received = all_of(history, Received, tab="ben")[5]
    _insert(history, received, replace(received, tab="eve", connection=1))


def store_what_nobody_sent(_history: History, dump: Dump) -> None:
    seq = dump.rooms[0].last_seq
    dump.messages.append(MessageRow(900, HALL, seq, None, ANN, "from nowhere", "from nowhere"))


def store_what_a_stranger_sent(history: History, dump: Dump) -> None:
    end = history.events[-1].at_s
    said = Invoked(end + 0.1, "eve", EVE, HALL, "eve-1", "", 1)
    history.events += [said, Unanswered(end + 0.2, "eve", "eve-1")]
    dump.messages.append(MessageRow(900, HALL, dump.rooms[0].last_seq, None, EVE, "eve-1", ""))


def count_one_unread_too_many(history: History, _dump: Dump) -> None:
    (state,) = all_of(history, Unread, tab="ann")
    _change(history, state, unread=state.unread + 1)


def tell_one_device_another_mark(history: History, _dump: Dump) -> None:
    (state,) = all_of(history, Unread, tab="ben-phone")
    _change(history, state, read_msg_no=state.read_msg_no - 1, unread=state.unread + 1)


def count_an_own_message_as_unread(history: History, dump: Dump) -> None:
    member = dump.members[0]
    dump.members[0] = replace(member, read_msg_no=member.read_msg_no - 1)
    (state,) = all_of(history, Unread, tab="ann")
    _change(history, state, read_msg_no=state.read_msg_no - 1, unread=state.unread + 1)


def say_that_somebody_there_is_gone(history: History, _dump: Dump) -> None:
    seen = all_of(history, PresenceSeen, tab="ann", user=2)[-1]
    _change(history, seen, status="offline")
    # Long enough without a change of the truth.
    history.events.append(Dialled(history.events[-1].at_s + 30, "nobody"))


def hold_too_much_memory(history: History, _dump: Dump) -> None:
    (measured,) = all_of(history, Measured)
    _change(history, measured, rss_bytes=2 << 30)


def keep_descriptors(history: History, _dump: Dump) -> None:
    (measured,) = all_of(history, Measured)
    history.events.append(replace(measured, descriptors_count=measured.descriptors_count + 5))


def recover_late(history: History, _dump: Dump) -> None:
    (healed,) = all_of(history, FaultHealed)
    _change(history, healed, at_s=healed.at_s - 10)


def deliver_late(history: History, _dump: Dump) -> None:
    rendered = all_of(history, Rendered, tab="ann")[-1]
    ack = next(event for event in all_of(history, Acked) if event.key == rendered.key)
    # The last connection of the tab was up to date before.
    for event in all_of(history, Opened, tab="ann") + all_of(history, Closed, tab="ann"):
        if event.connection > 1 or isinstance(event, Closed):
            history.events.remove(event)
    _change(history, rendered, at_s=ack.at_s + 5)


def answer_late(history: History, _dump: Dump) -> None:
    ack = all_of(history, Acked)[-1]
    _change(history, ack, at_s=ack.at_s + 11)


def never_answer(history: History, _dump: Dump) -> None:
    end = history.events[-1].at_s
    history.events.append(Invoked(end + 0.1, "ann", ANN, HALL, "unheard", "unheard", 1))


def refuse_most(history: History, _dump: Dump) -> None:
    end = history.events[-1].at_s
    for number in range(200):
        key = f"refused-{number}"
        history.events += [
            Invoked(end, "ann", ANN, HALL, key, key, 1),
            Nacked(end, "ann", key, "busy", may_retry=True),
        ]


def forget_an_edit(_history: History, dump: Dump) -> None:
    dump.messages[0] = replace(dump.messages[0], body="text 1")


def show_another_text(history: History, _dump: Dump) -> None:
    change_rows(history, "ben", lambda rows: [(*rows[0][:2], "something else", *rows[0][3:]), *rows[1:]])


def lose_a_reaction_for_one(history: History, _dump: Dump) -> None:
    change_rows(history, "ben", lambda rows: [(*rows[0][:4], ()), *rows[1:]])


def open_a_second_socket(history: History, _dump: Dump) -> None:
    end = history.events[-1].at_s
    history.events.append(Opened(end, "ann", ANN, 900))


def come_back_all_at_once(history: History, _dump: Dump) -> None:
    end = history.events[-1].at_s
    history.events += [Dialled(end + number / 100, "ann") for number in range(30)]


def come_back_without_end(history: History, _dump: Dump) -> None:
    end = history.events[-1].at_s + 1
    (*_, last) = all_of(history, Opened, tab="eve")
    for number in range(last.connection, last.connection + 60):
        history.events += [
            Closed(end + number, "eve", EVE, number, 1006),
            Opened(end + number, "eve", EVE, number + 1),
        ]


BREAKS: list[tuple[str, Break]] = [
    ("C1", lose_an_acked_one),
    ("C1", ack_before_commit),
    ("C2", store_it_twice),
    ("C2", store_its_text_under_another_key),
    ("C2", show_it_twice),
    ("C2", answer_a_repeat_with_another_seq),
    ("C3", store_an_unknown_twice),
    ("C3", store_what_was_refused),
    ("C4", leave_a_hole_in_the_log),
    ("C4", number_two_changes_alike),
    ("C4", answer_with_the_wrong_seq),
    ("C4", skip_one_on_a_socket),
    ("C4", repeat_one_on_a_socket),
    ("C5", hide_one_from_a_reader),
    ("C5", show_nothing_at_the_end),
    ("C5", say_that_it_cannot_replay),
    ("C6", swap_two_in_a_list),
    ("C6", render_one_behind_a_later_one),
    ("C7", number_a_later_one_before_an_answered_one),
    ("C7", put_a_reply_before_its_parent),
    ("C7", go_back_in_time),
    ("C8", leak_one_to_a_stranger),
    ("C8", store_what_nobody_sent),
    ("C8", store_what_a_stranger_sent),
    ("C9", count_one_unread_too_many),
    ("C9", tell_one_device_another_mark),
    ("C9", count_an_own_message_as_unread),
    ("C10", say_that_somebody_there_is_gone),
    ("C11", hold_too_much_memory),
    ("C11", keep_descriptors),
    ("C12", recover_late),
    ("C12", deliver_late),
    ("C13", answer_late),
    ("C13", never_answer),
    ("C13", refuse_most),
    ("C14", forget_an_edit),
    ("C14", show_another_text),
    ("C14", lose_a_reaction_for_one),
    ("C15", open_a_second_socket),
    ("C15", come_back_all_at_once),
    ("C15", come_back_without_end),
]
