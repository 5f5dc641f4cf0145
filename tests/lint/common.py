"""What the lints share: the tracked files, C without comments and strings, the allow list, the verdict."""

import os
import re
import subprocess
import sys

ROOT = os.path.dirname(os.path.dirname(os.path.dirname(os.path.abspath(__file__))))
os.chdir(ROOT)
problems = []


def tracked(*patterns):
    """Tracked and new files that match, and exist; in a tree without git, all files."""
    if os.path.exists(".git"):
        command = ["git", "ls-files", "-co", "--exclude-standard", "-z", "--", *patterns]
    else:
        tests = " -o ".join(f"-name '{p}'" for p in patterns or ["*"])
        command = ["sh", "-c", f"find . \\( -name 'build*' -prune \\) -o -type f \\( {tests} \\) -printf '%P\\0'"]
    names = subprocess.run(command, check=True, capture_output=True, text=True).stdout
    return sorted(name for name in set(names.split("\0")) if name and os.path.isfile(name))


def read(path):
    with open(path, encoding="utf-8", errors="replace") as f:
        return f.read()


def bare_c(text):
    """C with the insides of comments and literals blanked, line for line."""
    pattern = re.compile(r"//[^\n]*|/\*.*?\*/|\"(?:\\.|[^\"\\\n])*\"|'(?:\\.|[^'\\\n])*'", re.S)
    return pattern.sub(lambda m: re.sub(r"[^\n]", " ", m.group()), text)


def allowed(rule):
    """The paths that tests/lint/allow excepts from a rule."""
    paths = {}
    for line in read("tests/lint/allow").splitlines():
        if line.strip() and not line.startswith("#"):
            name, path, _ = line.split(None, 2)
            if name == rule:
                paths[path] = line
    return paths


def problem(path, line, text):
    problems.append(f"{path}:{line}: {text}")


def finish():
    for text in problems:
        print(text)
    sys.exit(1 if problems else 0)
