"""What one may ask about one's own uploads, over REST alone."""

from __future__ import annotations

from chat.protocol.commands import Command
from chat.protocol.fields import Alt


class DescribeUpload(Command):
    """Say in words what is to be seen."""

    alt: Alt
