import subprocess
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]
MOST_LINES = 400
SUFFIXES = {".py", ".ts", ".tsx", ".css", ".html", ".sh", ".conf"}
# Written by a program, as migrations are.
GENERATED = {"static/src/protocol.ts"}


def test_no_file_has_more_lines_than_one_can_hold_in_mind() -> None:
    listed = subprocess.run(
        ["git", "ls-files", "--cached", "--others", "--exclude-standard", "-z"],
        cwd=ROOT,
        capture_output=True,
        text=True,
        check=True,
    ).stdout.split("\0")
    written = [name for name in listed if name not in GENERATED and "migrations/" not in name]
    files = [ROOT / name for name in written if Path(name).suffix in SUFFIXES]
    assert len(files) > 50
    sizes = {file: len(file.read_text(encoding="utf-8").splitlines()) for file in files if file.exists()}
    assert {str(file.relative_to(ROOT)): lines for file, lines in sizes.items() if lines > MOST_LINES} == {}
