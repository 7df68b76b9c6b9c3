"""The numbers that belong to the contract: changing one changes what clients may rely on."""

PROTOCOL_VERSION = 1
FRAME_MAX_BYTES = 65_536
BODY_MAX_CHARS = 8_000
BODY_MAX_BYTES = 32_768
# Combining marks on one character; written languages need five at most.
MARKS_MAX_COUNT = 8
NAME_MAX_CHARS = 80
TOPIC_MAX_CHARS = 500
# Of an invite link: how long it works, and for how many people.
INVITE_MAX_DAYS = 365
INVITE_MAX_USES = 1_000
# Between two messages of one member, in a room that is slowed down: six hours.
SLOW_MAX_S = 21_600
SLUG_MAX_CHARS = 64
HANDLE_MAX_CHARS = 32
TITLE_MAX_CHARS = 80
PRONOUNS_MAX_CHARS = 40
# What somebody says they are doing.
DOING_MAX_CHARS = 80
CLIENT_MESSAGE_ID_MIN_CHARS = 8
CLIENT_MESSAGE_ID_MAX_CHARS = 64
EMOJI_MAX_CHARS = 64
# Of an emoji of the workspace's own, without its colons.
EMOJI_NAME_MAX_CHARS = 32
REF_MAX_CHARS = 64
MENTIONS_MAX_COUNT = 50
# @here, @room and groups in one message, and the people in a group.
CALLS_MAX_COUNT = 5
# Whom one @here reaches: their ids stand in the message.
HERE_MAX_COUNT = 2_000
GROUP_MEMBERS_MAX_COUNT = 200
GROUPS_MAX_COUNT = 500
ATTACHMENTS_MAX_COUNT = 10
# Of a file, as it is kept: the name of the longest one still fits on any disk.
FILE_NAME_MAX_CHARS = 120
FILE_NAME_MAX_BYTES = 240
FILE_TYPE_MAX_CHARS = 100
ALT_MAX_CHARS = 500
REACTIONS_PER_MESSAGE_MAX_COUNT = 100
LINK_MAX_CHARS = 2_000
# Earlier texts of a message; the oldest go.
VERSIONS_MAX_COUNT = 100
PINS_PER_ROOM_MAX_COUNT = 100
# Of one person, what is done included.
SAVED_MAX_COUNT = 1_000
PREVIEWS_PER_MESSAGE_MAX_COUNT = 5
PREVIEW_TITLE_MAX_CHARS = 160
PREVIEW_DESCRIPTION_MAX_CHARS = 300
PREVIEW_SITE_MAX_CHARS = 60
RESUME_ROOMS_MAX_COUNT = 500
HISTORY_LIMIT_DEFAULT = 50
HISTORY_LIMIT_MAX = 200
CHANGES_LIMIT_DEFAULT = 100
CHANGES_LIMIT_MAX = 500
DIRECT_USERS_MAX_COUNT = 8
# In rooms of so many it is shown at once how far everybody has read; in larger ones, up to here, when it is asked for.
SEEN_SHOWN_MAX_COUNT = 20
SEEN_ASKED_MAX_COUNT = 500
REASON_MAX_CHARS = 200
# A year: what is meant to last longer is meant to last.
MUTE_MAX_MINUTES = 525_600
# Of one person at a time, what could not be sent included.
SCHEDULED_MAX_COUNT = 200
# Of one person at a time, those that are due included.
REMINDERS_MAX_COUNT = 500
REMINDER_TEXT_MAX_CHARS = 300
REMINDER_LABEL_MAX_CHARS = 80
POLL_OPTIONS_MAX_COUNT = 10
POLL_OPTION_MAX_CHARS = 120
# Of those who have chosen an option, so many are named; all are counted.
POLL_NAMED_MAX_COUNT = 50
# Texts that one person has begun to write and not sent.
DRAFTS_MAX_COUNT = 200
# Of the left column of one person: sections of their own, and rooms in them and among the favourites.
SECTIONS_MAX_COUNT = 30
SECTION_NAME_MAX_CHARS = 40
SIDEBAR_ROOMS_MAX_COUNT = 500
# How far ahead anything can be put: a year, a leap year too.
AHEAD_MAX_DAYS = 366
TIME_ZONE_MAX_CHARS = 64
# A client sends a message that was not confirmed again for so long; its id must be known until then.
RETENTION_MIN_DAYS = 7
# A hundred years: what is meant to last longer is kept for ever.
RETENTION_MAX_DAYS = 36_500
# In one transaction, the threads of each whole.
EXPIRY_MAX_COUNT = 500
# Messages of an erased account in one transaction.
ERASURE_MAX_COUNT = 100

# JSON numbers stay exact in every client up to here (IEEE 754 doubles).
INTEGER_MAX = 2**53 - 1


def as_wire() -> dict[str, int]:
    """Return what `hello` tells a client about its limits."""
    return {
        "frame_bytes": FRAME_MAX_BYTES,
        "body_chars": BODY_MAX_CHARS,
        "body_bytes": BODY_MAX_BYTES,
        "attachments": ATTACHMENTS_MAX_COUNT,
        "mentions": MENTIONS_MAX_COUNT,
        "history": HISTORY_LIMIT_MAX,
        "changes": CHANGES_LIMIT_MAX,
        "resume_rooms": RESUME_ROOMS_MAX_COUNT,
    }
