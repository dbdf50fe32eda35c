"""The rules of the house, where a program can check them."""

from __future__ import annotations

import ast
import inspect
import re
import subprocess
import tomllib
from collections import Counter
from pathlib import Path

import pytest

from loosen import errors
from loosen.routine.words import load_words

ROOT = Path(__file__).parent.parent
PROJECT = tomllib.loads((ROOT / "pyproject.toml").read_text("utf-8"))
# Put together here, so that this very file does not name them.
REGISTRIES = ["pypi" + ".org", "python" + "hosted.org", "npm" + "js.org", "npm" + "js.com", "deb.debian" + ".org"]


def tracked() -> list[Path]:
    done = subprocess.run(["git", "ls-files", "-z"], cwd=ROOT, capture_output=True, text=True, check=False)
    if done.returncode:
        pytest.skip("not in a git clone")
    return [path for name in done.stdout.split("\0") if name and (path := ROOT / name).is_file()]


def test_no_tracked_file_names_a_registrys_address() -> None:
    named = [
        f"{path.relative_to(ROOT)}: {registry}"
        for path in tracked()
        for registry in REGISTRIES
        if registry.encode() in path.read_bytes()
    ]
    assert named == []


def test_no_lock_file_and_no_weights_are_tracked() -> None:
    names = {path.name for path in tracked()}
    assert "uv.lock" not in names
    assert not [name for name in names if name.endswith(".tflite")]


def test_every_version_is_pinned() -> None:
    wanted = [*PROJECT["project"]["dependencies"], *PROJECT["dependency-groups"]["dev"]]
    pinned = {re.split(r"[=; ]", pin)[0] for pin in PROJECT["tool"]["uv"]["constraint-dependencies"]}
    assert [name for name in wanted if re.split(r"[\[=<>~; ]", name)[0] not in pinned] == []
    assert all(re.match(r"[\w.-]+==[\w.!]+( ; .+)?$", pin) for pin in PROJECT["tool"]["uv"]["constraint-dependencies"])
    assert all("==" in requirement for requirement in PROJECT["build-system"]["requires"])


def test_every_error_stands_in_the_drawn_tree_below_its_parent() -> None:
    tree = inspect.getdoc(errors) or ""
    drawn: dict[str, str] = {}
    above: list[tuple[int, str]] = []
    for line in tree.splitlines():
        if found := re.match(r"([\s│├└─]*)([A-Z]\w+)(\s|$)", line):
            depth, name = len(found[1]), found[2]
            above = [(other, parent) for other, parent in above if other < depth]
            if name in vars(errors):
                drawn[name] = above[-1][1] if above else ""
                above.append((depth, name))
    real = {
        name: one.__base__.__name__ if one is not errors.LoosenError and one.__base__ else ""
        for name, one in vars(errors).items()
        if inspect.isclass(one) and one.__module__ == errors.__name__
    }
    assert drawn == real


def test_every_error_of_the_package_is_in_that_tree() -> None:
    elsewhere = [
        f"{path.relative_to(ROOT)}: {found}"
        for path in (ROOT / "src").rglob("*.py")
        if path.name != "errors.py"
        for found in re.findall(r"^class \w+\((?:\w+\.)?\w*(?:Error|Exception|MissingPart)\)", path.read_text(), re.M)
    ]
    assert elsewhere == []


def test_no_file_asks_to_be_two() -> None:
    long = {
        str(path.relative_to(ROOT)): n
        for path in (ROOT / "src").rglob("*.py")
        if (n := len(path.read_text("utf-8").splitlines())) > 420
    }
    assert long == {}


def public_types(source: str) -> set[str]:
    """Return the names of a module's classes and public type aliases."""
    tree = ast.parse(source)
    names = {node.name for node in ast.walk(tree) if isinstance(node, ast.ClassDef)}
    targets = [node.targets[0] for node in tree.body if isinstance(node, ast.Assign)]
    return names | {
        target.id for target in targets if isinstance(target, ast.Name) and re.match("[A-Z].*[a-z]", target.id)
    }


def test_a_types_name_has_one_meaning_in_the_package() -> None:
    named = [name for path in (ROOT / "src").rglob("*.py") for name in public_types(path.read_text("utf-8"))]
    assert [name for name, n in Counter(named).items() if n > 1] == []


def test_ci_runs_the_very_test_command_of_the_readme() -> None:
    readme = (ROOT / "README.md").read_text("utf-8")
    block = re.search(r"<!-- tests -->\n(.*?)<!-- /tests -->", readme, re.DOTALL)
    assert block is not None
    assert "pytest" in block[1]
    ci = (ROOT / ".ci" / "run").read_text("utf-8")
    assert "<!-- tests -->" in ci
    assert "pytest" not in ci  # nowhere but in the README


def test_the_changelog_knows_this_version() -> None:
    from loosen import __version__

    assert re.search(rf"^## \[?{re.escape(__version__)}\]?", (ROOT / "CHANGELOG.md").read_text("utf-8"), re.M)


def words_asked_for(source: str) -> set[str]:
    """Return the keys in `words["page.start"]`, `self.words("coach.count", n=3)` and `_words()["..."]`."""
    keys = set()
    for node in ast.walk(ast.parse(source)):
        match node:
            case ast.Subscript(value=asked, slice=ast.Constant(value=str(key))):
                pass
            case ast.Call(func=asked, args=[ast.Constant(value=str(key)), *_]):
                pass
            case _:
                continue
        if ast.unparse(asked).removesuffix("()").endswith("words"):
            keys.add(key)
        elif ast.unparse(asked).endswith("words.count"):
            keys |= {f"{key}-one", f"{key}-many"}
    return keys


def test_every_word_that_the_code_asks_for_by_name_is_in_the_catalogue() -> None:
    words = load_words()
    asked = {key for path in (ROOT / "src").rglob("*.py") for key in words_asked_for(path.read_text("utf-8"))}
    known = {f"{section}.{key}" for section, of_section in words.sections.items() for key in of_section}
    assert len(asked) > 50
    assert asked - known == set()
