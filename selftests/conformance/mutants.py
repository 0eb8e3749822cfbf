#!/usr/bin/python3
# SPDX-License-Identifier: GPL-2.0
"""
Can the conformance tests fail?  Spoils a copy of the data plane or of the agent, or what a
test sends, one line of `mutations` after another, and asserts that the tests of the rows
named notice.  Each row with a test needs such a line.  It must not change the tree.

	mutants.py [OPTION]... [ROW]...		all mutations, or those of these rows
"""

import argparse
import concurrent.futures
import contextlib
import json
import os
import signal
import subprocess
import sys
import tempfile
import threading

HERE = os.path.dirname(os.path.abspath(__file__))
TOP = os.path.dirname(os.path.dirname(HERE))
SOURCES = ("Makefile", "VERSION", "kern", "user", "genl", "iproute2-ext", "selftests")
INPUT = "input:"

sys.path.insert(0, HERE)
sys.dont_write_bytecode = True
from netns import end_by_signals  # noqa: E402 pylint: disable=wrong-import-position


class Ended(Exception):
    """There is to be no more."""


class Children:
    """What works for us, in whatever thread.  They are in sessions of their own: a signal to us is ours to pass on."""

    def __init__(self):
        self.lock = threading.Lock()
        self.running, self.over = set(), False

    def run(self, words, **options):
        """As subprocess.run() does with capture_output, but that end() ends it."""
        with self.lock:
            if self.over:
                raise Ended
            process = subprocess.Popen(words, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True,
                                       start_new_session=True, **options)
            self.running.add(process)
        output, errors = process.communicate()
        with self.lock:
            self.running.remove(process)
            if self.over:
                raise Ended
        return subprocess.CompletedProcess(words, process.returncode, output, errors)

    def end(self):
        """run.py takes its tests with it, and make its compilers; each is told once."""
        with self.lock:
            self.over = True
            for process in self.running:
                with contextlib.suppress(ProcessLookupError):
                    process.send_signal(signal.SIGTERM)


CHILDREN = Children()


class Mutation:
    """One line of the list."""

    def __init__(self, line):
        rows, self.target, *rest = line.split(None, 2)
        self.rows = rows.split(",")
        self.command = rest[0] if rest else ""
        if not self.target.startswith(INPUT) and not self.command:
            sys.exit("mutations: what is to be done to %s? %s" % (self.target, line))

    def __str__(self):
        return " ".join([",".join(self.rows), self.target, self.command]).strip()


def read_mutations(path, wanted):
    with open(path, encoding="utf-8") as file:
        every = [Mutation(line.strip()) for line in file if line.strip() and line[0] != "#"]
    return [one for one in every if not wanted or set(one.rows) & set(wanted)]


class Tree:
    """A scratch copy that is spoiled and mended again and again."""

    def __init__(self, folder, build):
        self.folder = folder
        self.spoiled = None  # (path, what it was)
        os.mkdir(folder)
        # With times, so that make builds again only what depends on what is spoiled.
        for words in ([TOP + "/" + name for name in SOURCES] + [folder], [build, folder + "/build"]):
            done = CHILDREN.run(["cp", "-a", *words])
            if done.returncode != 0:
                sys.exit("mutants.py: %s" % done.stderr.strip())

    def build(self, path, command):
        """Spoil and build; why not, or None."""
        file = os.path.join(self.folder, path)
        if not os.path.isfile(file):
            return "there is no " + path
        with open(file, encoding="utf-8") as opened:
            before = opened.read()
        self.spoiled = (file, before)
        subprocess.run(["sed", "-i", command, file], check=True)
        with open(file, encoding="utf-8") as opened:
            if opened.read() == before:
                return "nothing to spoil"
        done = CHILDREN.run(["make", "-C", self.folder, "-s", "WARNINGS=-w", "build/bfd-agent", "build/ip"])
        return None if done.returncode == 0 else "doesn't build: " + done.stderr[-300:]

    def mend(self):
        # With a new time: what was built of the spoiled file is built again.
        if self.spoiled:
            file, text = self.spoiled
            with open(file, "w", encoding="utf-8") as opened:
                opened.write(text)
            self.spoiled = None


def run_rows(build, rows, jobs, value=""):
    """{ID: (result, why)}."""
    with tempfile.NamedTemporaryFile("r", suffix=".json") as file:
        environment = dict(os.environ, IPBFD_CONFORMANCE_INPUT=value)
        done = CHILDREN.run([HERE + "/run.py", "--build", build, "--jobs", str(jobs), "--quiet", "--first",
                             "--json", file.name, *rows], env=environment)
        try:
            return json.load(file)
        except ValueError:
            return {row: ("error", done.stderr[-300:] or done.stdout[-300:]) for row in rows}


class Report:
    """TAP, as it comes."""

    def __init__(self):
        self.lock = threading.Lock()
        self.count = self.failed = 0

    def point(self, good, text, why=""):
        with self.lock:
            self.count += 1
            self.failed += not good
            print("%sok %d - %s" % ("" if good else "not ", self.count, text))
            for line in why.splitlines():
                print("#   " + line)
            sys.stdout.flush()


def judge(report, mutation, outcomes, verbose):
    missed = ["%s: %s %s" % (row, *outcome) for row, outcome in sorted(outcomes.items())
              if outcome[0] != "fail"]
    report.point(not missed, "noticed: %s" % mutation,
                 "\n".join(missed or (["%s: %s" % (row, outcome[1]) for row, outcome in
                                       sorted(outcomes.items())] if verbose else [])))


def try_mutation(mutation, trees, report, options):
    if mutation.target.startswith(INPUT):
        value = mutation.target[len(INPUT):] + (" " + mutation.command if mutation.command else "")
        outcomes = run_rows(options.build, mutation.rows, 3, value)
        judge(report, mutation, outcomes, options.verbose)
        return
    tree = trees.pop()
    try:
        why = tree.build(mutation.target, mutation.command)
        if why:
            report.point(False, "noticed: %s" % mutation, why)
        else:
            outcomes = run_rows(tree.folder + "/build", mutation.rows, 3)
            judge(report, mutation, outcomes, options.verbose)
    finally:
        tree.mend()
        trees.append(tree)


def look_at_sound(report, mutations, options):
    """The tests pass on the code as it is, and each has a mutation."""
    listed = {row for mutation in mutations for row in mutation.rows}
    sound = run_rows(options.build, options.rows, 2 * options.jobs)
    for row, (result, why) in sound.items():
        if result not in ("pass", "skip") and why != "no test":
            report.point(False, "%s passes on the code as it is" % row, why)
        if result == "pass" and row not in listed:
            report.point(False, "%s has a mutation" % row)


def try_all(mutations, report, options):
    if not options.quick:
        look_at_sound(report, mutations, options)

    with tempfile.TemporaryDirectory(prefix="bfd-mutants-") as work:
        trees = [Tree("%s/%d" % (work, number), options.build) for number in range(options.jobs)]
        # One file after another, so that less is built.
        mutations.sort(key=lambda mutation: (mutation.target.startswith(INPUT), mutation.target))
        with concurrent.futures.ThreadPoolExecutor(options.jobs) as pool:
            for done in [pool.submit(try_mutation, mutation, trees, report, options)
                         for mutation in mutations]:
                done.result()


def main():
    parser = argparse.ArgumentParser(description="mutations that the conformance tests must notice")
    parser.add_argument("rows", nargs="*", metavar="ROW")
    parser.add_argument("--build", default=os.environ.get("BUILD", TOP + "/build"))
    parser.add_argument("--jobs", type=int, default=3, help="mutations side by side (3)")
    parser.add_argument("--list", metavar="FILE", default=HERE + "/mutations")
    parser.add_argument("--quick", action="store_true",
                        help="don't see first that the tests pass on the code as it is")
    parser.add_argument("--verbose", action="store_true", help="say how each was noticed")
    options = parser.parse_args()
    options.build = os.path.abspath(options.build)
    if os.geteuid() != 0:
        print("1..0 # SKIP needs root")
        return 4
    mutations = read_mutations(options.list, options.rows)
    report = Report()
    end_by_signals("Bail out! ended by ")

    # What waits is in a thread of its own, so that a signal ends the wait and not what works.
    with concurrent.futures.ThreadPoolExecutor(1) as pool:
        whole = pool.submit(try_all, mutations, report, options)
        try:
            whole.result()
        except BaseException:
            CHILDREN.end()
            raise
    print("1..%d" % report.count)
    return 1 if report.failed else 0


if __name__ == "__main__":
    sys.exit(main())
