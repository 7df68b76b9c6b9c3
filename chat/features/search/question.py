"""What somebody types into the search, read: words, phrases and operators. No database."""

from __future__ import annotations

import re
from dataclasses import dataclass, field
from datetime import UTC, date, datetime, timedelta
from zoneinfo import ZoneInfo

from chat.protocol import text_rules
from chat.protocol.errors import ErrorCode, ProtocolError
from chat.protocol.fields import NO_END
from chat.text import grams
from chat.text.grams import Term

QUERY_MAX_CHARS = 200
TERMS_MAX_COUNT = 16

# A word before a colon that is none of these belongs to what is looked for: std::vector, http://…
_OPERATORS = {
    "from": "from", "보낸이": "from", "보낸사람": "from",
    "in": "in", "방": "in",
    "before": "before", "이전": "before",
    "after": "after", "이후": "after",
    "on": "on", "날짜": "on",
    "has": "has", "포함": "has",
    "is": "is", "종류": "is",
}  # fmt: skip
_HAS = {
    "link": "link", "링크": "link",
    "file": "file", "파일": "file",
    "image": "image", "이미지": "image", "사진": "image",
    "video": "video", "동영상": "video", "영상": "video",
    "audio": "audio", "음성": "audio", "소리": "audio",
    "code": "code", "코드": "code",
    "preview": "preview", "미리보기": "preview",
    "reaction": "reaction", "반응": "reaction", "리액션": "reaction",
}  # fmt: skip
_IS = {
    "thread": "thread", "스레드": "thread",
    "mention": "mention", "언급": "mention", "멘션": "mention",
    "dm": "dm", "대화": "dm",
}  # fmt: skip
ME = frozenset({"me", "나"})
DIRECT = frozenset({"me/direct", "direct", "dm", "대화"})
_WANTED = {
    "from": "a handle, or me", "in": "a room", "before": "a date like 2026-11-01",
    "after": "a date like 2026-11-01", "on": "a date like 2026-11-01",
    "has": "link, file, image, video, audio, code, preview or reaction", "is": "thread, mention or dm",
}  # fmt: skip
_PART = re.compile(
    r"""(?P<bare>[^\s":]+):(?=\s|\Z)|(?:(?P<operator>[^\s:"]+):)?(?:"(?P<quoted>[^"]*)"?|(?P<plain>[^\s"]+))"""
)
_TODAY = frozenset({"today", "오늘"})
_YESTERDAY = frozenset({"yesterday", "어제"})


@dataclass(slots=True)
class Question:
    """What is looked for. Of several senders or rooms any will do; everything else must be so.

    `at_least` is the first moment that is meant, `below` the first that is not.
    """

    terms: list[Term] = field(default_factory=list)
    senders: set[str] = field(default_factory=set)
    rooms: set[str] = field(default_factory=set)
    has: set[str] = field(default_factory=set)
    kinds: set[str] = field(default_factory=set)
    at_least: datetime | None = None
    below: datetime | None = None

    @property
    def grams(self) -> set[str]:
        """Return the grams of all terms."""
        return {gram for term in self.terms for gram in term.grams}

    def narrow(self, at_least: datetime | None = None, below: datetime | None = None) -> None:
        """Leave out what is from before or from after a moment."""
        if at_least is not None:
            self.at_least = max(self.at_least or at_least, at_least)
        if below is not None:
            self.below = min(self.below or below, below)


def read(text: str, zone: ZoneInfo, now: datetime) -> Question:
    """Read what was typed; days are those of the zone.

    Raises:
        ProtocolError: too_long, too_many, bad_text, bad_frame (an operator with a value that is none).
    """
    if len(text) > QUERY_MAX_CHARS:
        raise ProtocolError(ErrorCode.TOO_LONG, f"q is {len(text)} characters, at most {QUERY_MAX_CHARS}")
    text_rules.check_storable(text, "q")
    asked = Question()
    parts = list(_PART.finditer(text))
    if len(parts) > TERMS_MAX_COUNT:
        raise ProtocolError(
            ErrorCode.TOO_MANY, f"q has {len(parts)} words and operators, at most {TERMS_MAX_COUNT}"
        )
    for part in parts:
        operator = _OPERATORS.get((part["operator"] or part["bare"] or "").casefold())
        value = part["quoted"] if part["quoted"] is not None else part["plain"] or ""
        if operator is not None:
            _operate(asked, operator, value.strip(), zone, now)
            continue
        before = f"{part['operator']}:" if part["operator"] else ""
        term = grams.term(f"{part['bare']}:" if part["bare"] else before + value)
        if term is not None and term not in asked.terms:
            asked.terms.append(term)
    return asked


def day(name: str, text: str, zone: ZoneInfo, now: datetime) -> tuple[datetime, datetime]:
    """Return the moments between which a day lies; of a time with its zone, that moment twice.

    Raises:
        ProtocolError: bad_frame.
    """
    folded = text.casefold()
    try:
        if folded in _TODAY or folded in _YESTERDAY:
            found = now.astimezone(zone).date() - timedelta(days=folded in _YESTERDAY)
        elif "T" in text and len(text) <= 40:
            moment = datetime.fromisoformat(text)
            if moment.tzinfo is None:
                raise ValueError
            return (moment.astimezone(UTC), moment.astimezone(UTC))
        else:
            found = date.fromisoformat(text)
        start = datetime(found.year, found.month, found.day, tzinfo=zone)
        # By the calendar: a day with a change of the clocks has 23 or 25 hours.
        following = found + timedelta(days=1)
        end = datetime(following.year, following.month, following.day, tzinfo=zone)
        return start.astimezone(UTC), min(end.astimezone(UTC), NO_END)
    except (ValueError, OverflowError):
        raise _bad(name, text) from None


def _operate(asked: Question, operator: str, value: str, zone: ZoneInfo, now: datetime) -> None:
    folded = value.casefold()
    if not folded:
        raise _bad(operator, value)
    if operator == "from":
        asked.senders.add(folded.removeprefix("@"))
    elif operator == "in":
        asked.rooms.add(grams.fold(value).strip().removeprefix("#"))
    elif operator == "has":
        asked.has.add(_one_of(_HAS, operator, folded))
    elif operator == "is":
        asked.kinds.add(_one_of(_IS, operator, folded))
    elif operator == "before":
        asked.narrow(below=day(operator, value, zone, now)[0])
    elif operator == "after":
        asked.narrow(at_least=day(operator, value, zone, now)[0])
    else:
        start, end = day(operator, value, zone, now)
        asked.narrow(at_least=start, below=end)


def _one_of(known: dict[str, str], operator: str, value: str) -> str:
    if value not in known:
        raise _bad(operator, value)
    return known[value]


def _bad(operator: str, value: str) -> ProtocolError:
    said = f", not {value[:40]!r}" if value else ""
    return ProtocolError(ErrorCode.BAD_FRAME, f"{operator}: needs {_WANTED[operator]}{said}")
