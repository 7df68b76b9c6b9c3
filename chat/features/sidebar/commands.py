"""What a person may ask."""

from __future__ import annotations

import re
from typing import Annotated, Literal, Self

from pydantic import AfterValidator, BaseModel, ConfigDict, Field, model_validator

from chat.protocol import limits, text_rules
from chat.protocol.commands import Command
from chat.protocol.errors import ErrorCode, ProtocolError
from chat.protocol.fields import Id, Position

_ID = re.compile(r"[a-z0-9-]{1,32}\Z")


def _id(value: str) -> str:
    if not _ID.match(value):
        raise ProtocolError(ErrorCode.BAD_FRAME, "a section's id has 1 to 32 of a-z0-9-")
    return value


def _name(value: str) -> str:
    return text_rules.clean_line(value, "name", limits.SECTION_NAME_MAX_CHARS)


SectionId = Annotated[str, AfterValidator(_id)]
_Rooms = Annotated[list[Id], Field(max_length=limits.SIDEBAR_ROOMS_MAX_COUNT)]


class SidebarSection(BaseModel):
    """A part of the left column with a name; its rooms in one's own order."""

    model_config = ConfigDict(strict=True, frozen=True, extra="ignore")

    id: SectionId
    name: Annotated[str, AfterValidator(_name)]
    rooms: _Rooms


class ArrangeSidebar(Command):
    """Arrange the left column; `version` is that of the one which was read."""

    version: Position
    favourites: _Rooms = Field(default_factory=list)
    sections: list[SidebarSection] = Field(default_factory=list, max_length=limits.SECTIONS_MAX_COUNT)
    folded: list[SectionId] = Field(default_factory=list, max_length=2 * limits.SECTIONS_MAX_COUNT)
    sort: Literal["name", "activity", "unread"] = "name"
    only_unread: bool = False

    @model_validator(mode="after")
    def _each_once(self) -> Self:
        rooms = [*self.favourites, *(room for section in self.sections for room in section.rooms)]
        if len(rooms) > limits.SIDEBAR_ROOMS_MAX_COUNT:
            detail = f"{len(rooms):,} rooms are placed, at most {limits.SIDEBAR_ROOMS_MAX_COUNT}"
            raise ProtocolError(ErrorCode.TOO_MANY, detail)
        if len(set(rooms)) < len(rooms):
            raise ProtocolError(ErrorCode.BAD_FRAME, "a room stands in one place only")
        ids = [section.id for section in self.sections]
        if len(set(ids)) < len(ids):
            raise ProtocolError(ErrorCode.BAD_FRAME, "sections: an id is there more than once")
        return self
