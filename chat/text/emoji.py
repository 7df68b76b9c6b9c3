"""Emoji by name, as people type them between colons: :thumbsup:, :좋아요:, and the workspace's own."""

from __future__ import annotations

import re
from collections.abc import Iterator

import emoji as emoji_package

# A name between colons; what stands before it must not make it a time, a path or an address.
NAMED = re.compile(r"(?<![\w:/]):([+\w-]{1,64}):(?![\w:]|//)", re.UNICODE)
_LANGUAGES = ("en", "ko")
# What Koreans type; Unicode's own Korean names are descriptions ("올린 엄지").
_SHORT_KOREAN = {
    "좋아요": "👍", "최고": "👍", "싫어요": "👎", "하트": "❤️", "사랑": "❤️", "축하": "🎉", "박수": "👏",
    "감사": "🙏", "부탁": "🙏", "기도": "🙏", "파이팅": "💪", "화이팅": "💪", "힘": "💪", "웃음": "😄",
    "미소": "🙂", "ㅋㅋ": "😆", "ㅋㅋㅋ": "🤣", "ㅎㅎ": "😊", "눈물": "😢", "ㅠㅠ": "😭", "울음": "😭",
    "화남": "😠", "놀람": "😮", "땀": "😅", "생각": "🤔", "윙크": "😉", "인사": "👋", "안녕": "👋",
    "만세": "🙌", "악수": "🤝", "오케이": "👌", "확인": "✅", "완료": "✅", "체크": "✔️", "취소": "❌",
    "안돼": "🙅", "눈": "👀", "불": "🔥", "로켓": "🚀", "별": "⭐", "커피": "☕", "맥주": "🍺", "밥": "🍚",
    "케이크": "🎂", "선물": "🎁", "전구": "💡", "질문": "❓", "느낌표": "❗", "경고": "⚠️", "긴급": "🚨",
    "고정": "📌", "메모": "📝", "일정": "📅", "시계": "⏰", "퇴근": "🏃", "휴가": "🏖️", "집": "🏠",
    "태극기": "🇰🇷",
}  # fmt: skip


def of(name: str) -> str | None:
    """Return the emoji that a name stands for, None for a name that Unicode does not know."""
    return _NAMES.get(name.casefold())


def named(text: str) -> str | None:
    """Return the name of an emoji that is called by one, as `:name:` and nothing else; else None."""
    match = NAMED.fullmatch(text)
    return match.group(1).casefold() if match else None


def _names() -> dict[str, str]:
    # Some 7,000 names in 25 ms, when the process starts: the first text that asks waits for a lock's sake no longer.
    emoji_package.config.load_language("ko")
    names: dict[str, str] = {}
    for char, said in emoji_package.EMOJI_DATA.items():
        # Others are parts of emoji, and older ways to write the same.
        if said["status"] == emoji_package.STATUS["fully_qualified"]:
            for name in _spelled(said):
                names.setdefault(name.strip(":").casefold(), char)
    return names | _SHORT_KOREAN


def _spelled(said: dict[str, object]) -> Iterator[str]:
    for language in _LANGUAGES:
        if isinstance(name := said.get(language), str):
            yield name
    aliases = said.get("alias")
    if isinstance(aliases, list):
        yield from aliases


_NAMES = _names()
