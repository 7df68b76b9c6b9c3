from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime, time
from typing import Any
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from chat.features.notifications import rules
from chat.features.notifications.clocks import Quiet
from chat.features.notifications.rules import Facts, Person, Verdict

NOON = datetime(2026, 3, 10, 12, tzinfo=UTC)
BOB = Person(address="bob@example.org", is_confirmed=True)
MENTION = Facts(rule="mention")
DIRECT = Facts(rule="direct")
ALL_DAY = Quiet(time(9), time(18), ZoneInfo("UTC"))


def test_somebody_who_can_be_reached_and_has_not_read_is_told() -> None:
    for facts in (MENTION, DIRECT):
        assert rules.judge(facts, BOB, NOON) is rules.TELL


@pytest.mark.parametrize(
    ("facts", "person", "why"),
    [
        ({"is_own": True}, {}, "own"),
        ({}, {"is_bot": True}, "bot"),
        ({}, {"is_guest": True}, "guest"),
        ({}, {"is_active": False}, "inactive"),
        ({"is_deleted": True}, {}, "deleted"),
        ({"is_in": False}, {}, "left"),
        ({"level": "none"}, {}, "level"),
        ({"is_read": True}, {}, "read"),
        ({}, {"address": ""}, "no_address"),
        ({}, {"is_confirmed": False}, "unconfirmed"),
        ({}, {"wants_mail": False}, "off"),
    ],
)
def test_each_reason_alone_suppresses(facts: dict[str, Any], person: dict[str, Any], why: str) -> None:
    found = rules.judge(replace(MENTION, **facts), replace(BOB, **person, quiet=ALL_DAY), NOON)
    assert found == Verdict("suppressed", why)


@pytest.mark.parametrize(
    ("rule", "level", "is_told"),
    [
        ("mention", "all", True), ("mention", "mentions", True), ("mention", "none", False),
        ("direct", "all", True), ("direct", "mentions", False), ("direct", "none", False),
    ],
)  # fmt: skip
def test_the_level_of_the_room_decides_by_rule(rule: str, level: str, is_told: bool) -> None:
    found = rules.judge(Facts(rule=rule, level=level), BOB, NOON)
    assert (found == rules.TELL) == is_told


def test_in_quiet_hours_it_waits_for_their_end() -> None:
    found = rules.judge(MENTION, replace(BOB, quiet=ALL_DAY), NOON)
    assert found == Verdict("waiting", "quiet_hours", datetime(2026, 3, 10, 18, tzinfo=UTC))


@pytest.mark.parametrize(
    ("facts", "person", "why"),
    [
        ({"is_own": True}, {}, "own"), ({}, {"is_bot": True}, "bot"), ({}, {"is_active": False}, "inactive"),
        ({"is_deleted": True}, {}, "deleted"), ({"is_in": False}, {}, "left"), ({"level": "none"}, {}, "level"),
        ({"is_read": True}, {}, "read"), ({}, {"has_device": False}, "no_device"),
    ],
)  # fmt: skip
def test_each_reason_alone_suppresses_a_push(facts: dict[str, Any], person: dict[str, Any], why: str) -> None:
    told = replace(Person(has_device=True), **person, quiet=ALL_DAY)
    assert rules.judge(replace(MENTION, **facts), told, NOON, "push") == Verdict("suppressed", why)


def test_a_push_needs_no_address_and_mail_no_browser() -> None:
    pushable = Person(is_guest=True, wants_mail=False, has_device=True)
    assert rules.judge(MENTION, pushable, NOON, "push") is rules.TELL
    assert rules.judge(MENTION, pushable, NOON) == Verdict("suppressed", "guest")
    assert rules.judge(MENTION, BOB, NOON, "push") == Verdict("suppressed", "no_device")
    assert rules.judge(MENTION, replace(pushable, quiet=ALL_DAY), NOON, "push").why == "quiet_hours"


flags = st.booleans()
any_facts = st.builds(
    Facts, rule=st.sampled_from(["mention", "direct"]), level=st.sampled_from(["all", "mentions", "none"]),
    is_own=flags, is_deleted=flags, is_in=flags, is_read=flags,
)  # fmt: skip
any_person = st.builds(
    Person, is_active=flags, is_bot=flags, is_guest=flags, address=st.sampled_from(["", "bob@example.org"]),
    is_confirmed=flags, wants_mail=flags, quiet=st.sampled_from([None, ALL_DAY]),
)  # fmt: skip


@settings(deadline=None)
@given(any_facts, any_person)
def test_nobody_is_told_against_any_rule(facts: Facts, person: Person) -> None:
    found = rules.judge(facts, person, NOON)
    may_not = (
        facts.is_own or facts.is_deleted or not facts.is_in or facts.is_read or facts.level == "none"
        or not person.is_active or person.is_bot or person.is_guest or not person.address
        or not person.is_confirmed or not person.wants_mail
    )  # fmt: skip
    if may_not:
        assert (found.outcome, bool(found.why), found.until) == ("suppressed", True, None)
    if found == rules.TELL:
        assert person.quiet is None
    assert (found.outcome == "waiting") == (found.until is not None)
