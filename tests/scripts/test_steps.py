import sys
from collections.abc import Callable
from pathlib import Path

import pytest

from scripts import steps


@pytest.fixture(autouse=True)
def _own_stamps(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(steps, "STAMPS", tmp_path / "stamps")


@pytest.fixture
def done() -> list[str]:
    return []


@pytest.fixture
def action(done: list[str]) -> Callable[[], None]:
    return lambda: done.append("done")


def test_nothing_is_done_twice(done: list[str], action: Callable[[], None]) -> None:
    assert steps.step("build", "key", action)
    assert not steps.step("build", "key", action)
    assert done == ["done"]


def test_a_change_of_what_goes_in_or_a_loss_of_what_came_out_does_it_again(
    done: list[str], action: Callable[[], None], tmp_path: Path
) -> None:
    made = tmp_path / "made"
    made.touch()
    steps.step("build", "key", action, made=[made])
    assert steps.step("build", "other key", action, made=[made])
    made.unlink()
    with pytest.raises(steps.StepFailed, match="build: done, but there is no"):
        steps.step("build", "other key", action, made=[made])
    assert len(done) == 3


def test_one_that_was_broken_off_is_done_again(done: list[str], action: Callable[[], None]) -> None:
    def fail() -> None:
        raise steps.StepFailed("no network")

    steps.step("build", "key", action)
    with pytest.raises(steps.StepFailed):
        steps.step("build", "new key", fail)
    assert steps.step("build", "key", action)


def test_two_places_are_two_steps(done: list[str], action: Callable[[], None]) -> None:
    assert steps.step("tables", "key", action, place="one.sqlite3")
    assert steps.step("tables", "key", action, place="two.sqlite3")
    assert not steps.step("tables", "key", action, place="one.sqlite3")


def test_it_tells_what_it_does_and_how_long_it_took(
    action: Callable[[], None], capsys: pytest.CaptureFixture[str]
) -> None:
    steps.step("build", "key", action)
    first, second = capsys.readouterr().out.splitlines()
    assert first == "  build …"
    assert second.startswith("  build: ")
    assert second.endswith(" s")
    steps.step("build", "key", action)
    assert capsys.readouterr().out == ""


def test_a_program_that_fails_is_shown_from_both_ends(capsys: pytest.CaptureFixture[str]) -> None:
    script = "print('cause'); [print(n) for n in range(100)]; raise SystemExit(3)"
    with pytest.raises(steps.StepFailed, match=r"^maru: the build failed"):
        steps.call([sys.executable, "-c", script], what="the build")
    shown = capsys.readouterr().err.splitlines()
    assert shown[0] == "cause"
    assert shown[-1] == "99"
    assert "… 61 lines left out …" in shown


def test_a_missing_program_is_told_in_one_line(capsys: pytest.CaptureFixture[str]) -> None:
    with pytest.raises(steps.StepFailed):
        steps.call(["/nowhere/program"])
    assert capsys.readouterr().err == "/nowhere/program: No such file or directory\n"


def test_the_digest_sees_contents_names_and_words(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(steps, "ROOT", tmp_path)
    folder = tmp_path / "src"
    folder.mkdir()
    seen = {steps.digest([folder])}
    (folder / "a").write_text("x")
    seen.add(steps.digest([folder]))
    (folder / "a").write_text("y")
    seen.add(steps.digest([folder]))
    (folder / "a").rename(folder / "b")
    seen.add(steps.digest([folder]))
    seen.add(steps.digest([folder], "word"))
    assert len(seen) == 5
    assert steps.digest([folder]) == steps.digest([folder])
