import re
from pathlib import Path

from chatproject import settings


def test_what_carries_its_hash_in_its_name_is_kept_for_ever_and_nothing_else() -> None:
    built = [
        path for path in Path(settings.VITE_DIST).rglob("*") if path.is_file() and ".vite" not in path.parts
    ]
    assert built, "the page is not built: make test builds it"
    for path in built:
        url = f"/static/{path.relative_to(settings.VITE_DIST)}"
        assert bool(re.match(settings.WHITENOISE_IMMUTABLE_FILE_TEST, url)) == url.startswith(
            "/static/assets/"
        ), url
