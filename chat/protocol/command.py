"""What every command shares."""

from __future__ import annotations

from typing import ClassVar

from pydantic import BaseModel, ConfigDict


class Command(BaseModel):
    """What every command shares. Strict: `true` is no number and `"1"` is none either; unknown fields are ignored."""

    model_config = ConfigDict(strict=True, frozen=True, extra="ignore")

    # Durable commands go to the pipeline, the others are answered from memory or by a query.
    is_durable: ClassVar[bool] = True
    has_reply: ClassVar[bool] = True
    # The answer, or the way into the pipeline, waits for nothing.
    is_prompt: ClassVar[bool] = True
