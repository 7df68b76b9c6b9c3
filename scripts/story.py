"""The workspace that the pictures show: who is in it, which rooms there are, who says what. Only data."""

from __future__ import annotations

from dataclasses import dataclass, field

WORKSPACE = "Haneul Studio"
OWNER = "alice"
PASSWORD = "wooden-floor-42"
PEOPLE = {
    "alice": "Alice Moreau",
    "mina": "Mina Park",
    "jiwoo": "김지우",
    "daniel": "Daniel Okafor",
    "seoyeon": "이서연",
    "theo": "Theo Lindqvist",
    "yuna": "최유나",
}


@dataclass(frozen=True)
class File:
    """A file of a message; one with a landscape's number is a picture, and its words say what is to be seen."""

    name: str
    landscape: int | None = None
    size: tuple[int, int] = (1_600, 1_200)
    alt: str = ""


@dataclass(frozen=True)
class Said:
    """One message: who, what, which reactions by whom, which replies, which files."""

    by: str
    body: str
    reactions: dict[str, tuple[str, ...]] = field(default_factory=dict)
    replies: tuple[tuple[str, str], ...] = ()
    files: tuple[File, ...] = ()


@dataclass(frozen=True)
class Place:
    """One room and what was said in it."""

    name: str
    topic: str
    said: tuple[Said, ...]
    kind: str = "open"
    people: tuple[str, ...] = tuple(PEOPLE)


_CODE = '''Found it: the list was sorted before it was filtered. Smaller now, and faster:

```python
def due_today(tasks: list[Task], now: datetime) -> list[Task]:
    """What is still to do before midnight, the most urgent first."""
    open_tasks = (task for task in tasks if not task.is_done)
    return sorted(open_tasks, key=lambda task: task.due_at)
```'''

PLACES = (
    Place(
        "general",
        "Whatever concerns everybody",
        (
            Said("alice", "Welcome to the new floor, everybody. Sit down anywhere."),
            Said("theo", "Shoes off, I assume?", {"😄": ("alice", "mina", "jiwoo")}),
            Said("yuna", "당연하죠 😊", {"👍": ("jiwoo", "seoyeon")}),
        ),
    ),
    Place(
        "design",
        "Screens, words and colours of the spring release",
        (
            Said(
                "mina",
                "Morning. The new sign-in is on staging, could two of you look at it before noon?",
                {"👀": ("daniel", "jiwoo")},
                (
                    ("jiwoo", "한국어 화면은 제가 볼게요."),
                    ("daniel", "And I take the dark theme."),
                    ("mina", "Thank you both. Notes go on the board."),
                ),
            ),
            Said(
                "daniel",
                "First impression: the card breathes. The old one felt like a tax form.",
                {"😂": ("alice", "mina", "jiwoo"), "🌿": ("yuna",)},
            ),
            Said("jiwoo", "버튼 글자도 한 줄에 잘 들어가고, 오류 문구가 훨씬 부드러워졌어요."),
            Said(
                "alice",
                "Two things from my side:\n\n1. `Tab` skips the language switch\n"
                "2. the hint under *Password* should say how long, not how strong\n\nOtherwise **ship it**.",
                {"👍": ("daniel", "jiwoo", "mina"), "🚀": ("mina",)},
            ),
            Said("daniel", _CODE),
            Said("seoyeon", "힌트 문구는 이렇게 어때요, @alice?\n> 여덟 자 이상이면 돼요. 길수록 좋아요."),
            Said("mina", "Lovely. And “Eight characters or more. Longer is better.” for English?"),
        ),
    ),
    Place(
        "release 1.4",
        "What stands between us and Friday",
        (
            Said(
                "theo",
                "| check | before | after |\n|---|---|---|\n| first view | 182 KB | 61 KB |\n"
                "| ready to type | 1.9 s | 0.7 s |",
                {"🎉": ("alice", "mina", "daniel")},
            ),
            Said("alice", "- [x] migrations\n- [x] backup tried\n- [ ] release notes\n- [ ] tell Seoul"),
            Said("theo", "@alice the notes are written, do you want to read them before they go out?"),
        ),
    ),
    Place(
        "점심",
        "오늘 뭐 먹을까요?",
        (
            Said("yuna", "비 오는데 파전에 칼국수 어때요? 🌧️"),
            Said("seoyeon", "좋아요! 12시에 로비에서 만나요.", {"🙌": ("yuna", "jiwoo")}),
        ),
        people=("alice", "jiwoo", "seoyeon", "yuna", "mina"),
    ),
    Place(
        "studio trip",
        "Two days in Gangneung, first weekend of May",
        (
            Said(
                "yuna",
                "정동진 전망대에서 본 아침이에요. 하나도 안 추웠어요!",
                {"😍": ("alice", "mina", "theo")},
                files=(File("정동진.jpg", 4, (1_600, 1_000), "안개 낀 산 위로 해가 뜨는 아침"),),
            ),
            Said(
                "theo",
                "Mine from the second day:",
                {"🌊": ("yuna", "seoyeon")},
                files=(
                    File("DSC_0412.jpg", 5, alt="Hills above the lake at noon"),
                    File("DSC_0431.jpg", 2, (1_200, 1_600), "The last light over the pass"),
                    File("DSC_0440.jpg", 7, alt="The valley behind the coffee street"),
                ),
            ),
            Said(
                "mina",
                "Trains and rooms are booked, everything is in here.",
                files=(File("Gangneung plan.pdf"), File("회비 정산.xlsx")),
            ),
        ),
        people=("alice", "mina", "theo", "seoyeon", "yuna"),
    ),
    Place(
        "hiring",
        "Interviews and offers",
        (Said("mina", "Two talks on Thursday."),),
        "closed",
        ("alice", "mina", "theo"),
    ),
    Place(
        "garden",
        "The balcony, and who waters it",
        (Said("theo", "The basil made it."),),
        people=("theo", "yuna", "daniel"),
    ),
)

DIRECTS = (
    (("mina", "alice"), (("mina", "Do you have five minutes after lunch?"), ("mina", "Nothing urgent."))),
    (("jiwoo", "alice"), (("alice", "회의록 고마워요!"), ("jiwoo", "별말씀을요. 오후에 정리해서 올릴게요."))),
    (("daniel", "alice", "theo"), (("daniel", "Friday, the three of us, one hour?"),)),
)

TO_BE_SENT = "Good morning! The new icons are in the shared folder."
TO_BE_REMINDED_OF = "Book the room for Thursday"
LUNCH = ("파전에 칼국수", "김치찌개", "샐러드")
WORKSHOP = (
    (
        "## Spring release\n\nWhat is **done**, what is *open*, what was ~~dropped~~:\n\n"
        "- [x] sign-in\n- [ ] invoices\n    - [ ] refunds, see https://example.org/refunds\n\n> Small steps, every day."
    ),
    "The area of the garden is $A = \\pi r^2$, and over the year\n\n$$\\int_0^1 x^2\\,dx = \\frac{1}{3}$$",
    "||The surprise for Theo is a cake|| :birthday_cake:",
    "```js\nconst words = text.split(/\\s+/).filter(Boolean);\nconsole.log(`${words.length} words`);\n```",
    "שלום לכולם, and مرحبا too: right to left beside left to right.",
)


def said_in(name: str) -> tuple[Said, ...]:
    """Return what was said in a room."""
    return next(place.said for place in PLACES if place.name == name)
