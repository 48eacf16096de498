"""Write the index of decisions anew, from what each says of itself: `make docs` does."""

from __future__ import annotations

import re
from pathlib import Path

FOLDER = Path(__file__).resolve().parent / "decisions"
HEAD = """# Decisions

Why things are as they are: one page a decision, in the order in which they were taken.
`make docs` writes this list.

"""


def index(folder: Path = FOLDER) -> str:
    """Give the page: a line a decision, its number and its title."""
    pages = sorted(folder.glob("[0-9]*.md"))
    return HEAD + "".join(
        f"- [{page.name[:4]}]({page.name}) {title_of(page.read_text(encoding='utf-8'))}\n"
        for page in pages
    )


def title_of(text: str) -> str:
    """Give the first heading, without a number that stands before it."""
    heading = text.splitlines()[0]
    return re.sub(r"^# (?:\d+[:.] )?", "", heading)


if __name__ == "__main__":
    (FOLDER / "README.md").write_text(index(), encoding="utf-8")
