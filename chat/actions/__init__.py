"""The verbs: pure decisions over records, and the bulk writers of what was decided.

Imports models, protocol, text.
Pipeline asks DECIDE what a command means under the rooms' locks, numbers the drafts, and hands them to WRITE.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any

from chat.actions import (
    attachments,
    erasure,
    levels,
    members,
    message_rows,
    messages,
    moderation,
    pins,
    polls,
    previews,
    reactions,
    reads,
    retention,
    rooms,
    threads,
)
from chat.actions.state import Decision, Draft, Request, State
from chat.models.statements import Statement
from chat.protocol import commands, system
from chat.protocol import polls as polls_asked
from chat.protocol.threads import FollowThread, ReadThread, UnfollowThread

Verb = Callable[[State, Request], Decision]

DECIDE: dict[type[commands.Command], Verb] = {
    commands.PostMessage: messages.post,
    commands.EditMessage: messages.edit,
    commands.DeleteMessage: messages.delete,
    commands.AddReaction: reactions.add,
    commands.RemoveReaction: reactions.remove,
    commands.RemovePreview: previews.remove,
    system.AttachPreviews: previews.attach,
    system.ExpireMessages: retention.expire,
    system.EraseMember: erasure.erase_member,
    system.EraseMessages: erasure.erase_messages,
    system.FinishAttachment: attachments.finish,
    system.WithdrawQuote: pins.withdraw,
    commands.PinMessage: pins.pin,
    commands.UnpinMessage: pins.unpin,
    commands.MarkRead: reads.mark,
    commands.SetLevel: levels.choose,
    polls_asked.CastVote: polls.vote,
    polls_asked.ClosePoll: polls.close,
    system.EndPoll: polls.end,
    FollowThread: threads.follow,
    UnfollowThread: threads.unfollow,
    ReadThread: threads.read,
    commands.MarkUnread: reads.put_back,
    commands.CreateRoom: rooms.create,
    commands.OpenDirect: rooms.open_direct,
    commands.UpdateRoom: rooms.update,
    commands.DeleteRoom: rooms.delete,
    commands.JoinRoom: members.join,
    commands.LeaveRoom: members.leave,
    commands.AddMember: members.add,
    commands.UpdateMember: members.set_role,
    commands.RemoveMember: members.remove,
    commands.MuteMember: moderation.mute,
    commands.UnmuteMember: moderation.unmute,
    commands.BanMember: moderation.ban,
    commands.UnbanMember: moderation.unban,
}

# Commands that may bring their room into being, before it can be locked.
FOUND: dict[type[commands.Command], Callable[[Request], int]] = {
    commands.CreateRoom: rooms.found,
    commands.OpenDirect: rooms.found_direct,
}

# In this order: a message moves its author's marker, which needs the membership; a deleted message takes along
# what was hung on it before; an emoji taken back and put again is one row; a change's row points at its message.
# What a writer returns instead of writing it goes out with the log, after all that the others have written.
WRITE: dict[type[Draft], Callable[[Sequence[Any]], list[Statement] | None]] = {
    members.MemberJoined: members.write_joined,
    messages.MessagePosted: message_rows.write_posted,
    messages.MessageEdited: message_rows.write_edited,
    reactions.ReactionRemoved: reactions.write_removed,
    reactions.ReactionAdded: reactions.write_added,
    previews.PreviewsAttached: previews.write_attached,
    previews.PreviewRemoved: previews.write_removed,
    attachments.AttachmentReady: attachments.write_ready,
    polls.PollVoted: polls.write_voted,
    polls.PollClosed: polls.write_closed,
    pins.MessagePinned: pins.write_pins,
    pins.MessageUnpinned: pins.write_pins,
    pins.QuoteWithdrawn: pins.write_withdrawn,
    messages.MessageDeleted: message_rows.write_deleted,
    retention.MessagesExpired: retention.write_expired,
    members.MemberLeft: members.write_left,
    members.MemberChanged: members.write_changed,
    moderation.MemberBanned: moderation.write_banned,
    moderation.MemberUnbanned: moderation.write_unbanned,
    rooms.RoomChanged: rooms.write_changed,
    reads.ReadMarked: reads.write_marked,
    levels.LevelSet: levels.write_set,
    threads.ThreadFollowed: threads.write_followed,
    threads.ThreadRead: threads.write_read,
}
