import os
from pathlib import Path

import pytest

from scripts import programs


@pytest.fixture
def bare(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A machine on which nothing is installed, used by somebody who is not root."""
    monkeypatch.setattr(programs, "_PATH", str(tmp_path))
    monkeypatch.setenv("PATH", str(tmp_path))
    monkeypatch.delenv("CHROMIUM", raising=False)
    monkeypatch.setattr(os, "geteuid", lambda: 1000)
    return tmp_path


def install(folder: Path, name: str) -> Path:
    program = folder / name
    program.write_text("#!/bin/sh\n")
    program.chmod(0o755)
    return program


def test_who_is_not_root_is_told_in_one_line_what_to_install(bare: Path) -> None:
    with pytest.raises(SystemExit) as end:
        programs.require(nginx=True, chromium=True)
    told = "maru: nginx and chromium not found; install it first (Debian: sudo apt install nginx chromium)"
    assert end.value.code == told


def test_what_is_installed_is_used(bare: Path) -> None:
    nginx = install(bare, "nginx")
    browser = install(bare, "google-chrome")
    programs.require(nginx=True, chromium=True)
    assert programs.find_nginx() == str(nginx)
    assert programs.find_chromium() == str(browser)


def test_another_browser_can_be_named(bare: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    install(bare, "chromium")
    other = install(bare, "my-browser")
    monkeypatch.setenv("CHROMIUM", str(other))
    assert programs.find_chromium() == str(other)


def test_a_headless_shell_is_taken_before_a_whole_browser(
    bare: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    whole = install(bare, "chromium")
    assert programs.find_headless_shell() == str(whole)
    shell = install(bare, "chromium-headless-shell")
    assert programs.find_headless_shell() == str(shell)
    assert programs.find_chromium() == str(whole)
    monkeypatch.setenv("CHROMIUM", str(whole))
    assert programs.find_headless_shell() == str(whole)


@pytest.mark.parametrize(("code", "is_got"), [(0, True), (100, False)])
def test_who_cannot_have_the_headless_shell_goes_on_without(
    bare: Path, monkeypatch: pytest.MonkeyPatch, code: int, is_got: bool
) -> None:
    install(bare, "chromium")
    monkeypatch.setattr(os, "geteuid", lambda: 0)
    monkeypatch.setattr(programs, "_POLICY", bare / "policy-rc.d")
    asked = bare / "asked"
    install(bare, "apt-get").write_text(
        f'#!/bin/sh\necho "$@" >> {asked}\ncase "$*" in *install*) exit {code};; esac\n'
    )
    programs.require(chromium=True)
    update, order = asked.read_text().splitlines()
    assert update == "update -qq"
    assert order.endswith("--no-install-recommends chromium-headless-shell")
    if is_got:
        install(bare, "chromium-headless-shell")
    asked.write_text("")
    programs.require(chromium=True)
    assert bool(asked.read_text()) is not is_got


def test_the_library_for_clocks_is_found_or_asked_for(bare: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(programs, "_LIBRARIES", (str(bare.relative_to("/") / "*" / "faketime"),))
    assert programs.find_faketime() is None
    with pytest.raises(SystemExit, match="sudo apt install faketime"):
        programs.require(faketime=True)
    library = bare / "x86_64-linux-gnu" / "faketime" / "libfaketimeMT.so.1"
    library.parent.mkdir(parents=True)
    library.touch()
    assert programs.find_faketime() == library
    programs.require(faketime=True)
