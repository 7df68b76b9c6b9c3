from pathlib import Path

import pytest

from scripts import docs, steps


@pytest.fixture
def tree(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.setattr(steps, "ROOT", tmp_path)
    (tmp_path / "docs").mkdir()
    (tmp_path / "docs" / "map.md").write_text(
        "# The map\n\n## 4. One, *two* & `three`\n\n## Twice\n\n## Twice\n"
    )
    return tmp_path


@pytest.mark.parametrize(
    "link",
    [
        "docs/map.md",
        "docs/map.md#the-map",
        "docs/map.md#4-one-two--three",
        "docs/map.md#twice-1",
        "#here",
        "docs/",
        "https://example.org/nowhere",
        "mailto:a@example.org",
    ],
)
def test_a_link_that_leads_somewhere_is_fine(link: str, tree: Path) -> None:
    page = tree / "README.md"
    page.write_text(f"# Here\n\n[a link]({link})\n")
    assert docs.documents() == [page, tree / "docs" / "map.md"]
    assert docs.problems(page) == []


@pytest.mark.parametrize("link", ["docs/nap.md", "docs/map.md#nowhere", "#nowhere", "shot.png"])
def test_a_dead_link_is_named(link: str, tree: Path) -> None:
    page = tree / "README.md"
    page.write_text(f"# Here\n\n![a link]({link})\n\n```\n[no link](nowhere.md)\n```\n")
    (problem,) = docs.problems(page)
    assert problem.startswith("README.md: no ")
    assert problem.endswith(link)
