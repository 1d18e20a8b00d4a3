"""Collects the pages of the site in target/pages: those of docs/ and the Markdown files outside of it.

GitHub and the site generator read Markdown differently in two ways, which this script adapts: links between docs/ and the
other files, and fenced blocks with a title.
"""
import posixpath
import re
import shutil
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]
PAGES = ROOT / "target" / "pages"

# File in the repository: page of the site.
OUTSIDE = {
    "README.md": "index.md",
    "CONTRIBUTING.md": "contributing.md",
    "CHANGELOG.md": "changelog.md",
    "dpo-bench/README.md": "dpo-bench.md",
    "docs/site/site.css": "site.css",
}
LINK = re.compile(r"(?P<name>!?\[[^\]]*\])\((?P<path>[^)\s#:]+)(?P<anchor>#[^)\s]*)?\)")
TITLED_FENCE = re.compile(r"^```(\w+) (\S.*)$", re.MULTILINE)


def collect():
    found = (path.relative_to(ROOT) for path in (ROOT / "docs").rglob("*") if path.suffix in {".md", ".png", ".svg"})
    docs = sorted(path.as_posix() for path in found if path.parts[1] not in {"src", "target", "site"})
    pages = {file: file.removeprefix("docs/") for file in docs} | OUTSIDE
    shutil.rmtree(PAGES, ignore_errors=True)
    for file, page in pages.items():
        target = PAGES / page
        target.parent.mkdir(parents=True, exist_ok=True)
        if file.endswith(".md"):
            target.write_text(adapted((ROOT / file).read_text(encoding="utf-8"), file, pages), encoding="utf-8")
        else:
            shutil.copyfile(ROOT / file, target)


def adapted(markdown, file, pages):
    folder = posixpath.dirname(file)
    page_folder = posixpath.dirname(pages[file]) or "."

    def link(match):
        target = pages.get(posixpath.normpath(posixpath.join(folder, match["path"])))
        if target is None:
            # A file that is no page, such as the licence: its name remains.
            return match["name"].strip("[]")
        return f"{match['name']}({posixpath.relpath(target, page_folder)}{match['anchor'] or ''})"

    return TITLED_FENCE.sub(r'```\1 title="\2"', LINK.sub(link, markdown))


if __name__ == "__main__":
    collect()
