#!/usr/bin/python3
# SPDX-License-Identifier: GPL-2.0
"""
Runs the conformance tests, many side by side, each in a process and in namespaces of its
own, and prints one table.

	run.py [OPTION]... [PREFIX]...		rows whose ID begins so, as in `run.py RX-0 FSM`

A row of rows.tsv without a test fails.  A row passes if all variants of its test do.
Nothing is tried twice.  It must not know what the tests test.
"""

import argparse
import importlib
import json
import os
import platform
import signal
import subprocess
import sys
import tempfile
import time
import traceback

HERE = os.path.dirname(os.path.abspath(__file__))
TOP = os.path.dirname(os.path.dirname(HERE))
sys.path.insert(0, HERE)
sys.dont_write_bytecode = True

import harness  # pylint: disable=wrong-import-position
import netns  # pylint: disable=wrong-import-position

PATIENCE = 2  # times its limit, for a test on a busy machine
SETUP_LIMIT = 240  # seconds, for namespaces and agents of a test on a busy machine


def read_rows():
    """(ID, level, section of the RFC, requirement) of each row, in order."""
    with open(HERE + "/rows.tsv", encoding="utf-8") as file:
        return [tuple(line.rstrip("\n").split("\t")) for line in file
                if line.strip() and not line.startswith("#")]


def choose(rows, prefixes):
    """Those whose ID begins so; a whole ID means only itself (OC-1 isn't OC-10)."""
    whole = {row[0] for row in rows} & set(prefixes)
    return [row for row in rows if not prefixes or row[0] in whole
            or any(row[0].startswith(prefix) for prefix in set(prefixes) - whole)]


def load_tests():
    for name in sorted(os.listdir(HERE + "/rows")):
        if name.endswith(".py") and not name.startswith("_"):
            importlib.import_module("rows." + name[:-3])
    strays = set(harness.ROWS) - {row[0] for row in read_rows()}
    if strays:
        sys.exit("run.py: tests of no row of rows.tsv: " + " ".join(sorted(strays)))


def prefix_of(identifier, variant, process):
    return "bfdc%d-%s%s" % (process, identifier.lower(), "-" + variant if variant else "")


# --- one test, in a process of its own


def run_one(identifier, variant, build):
    """Prints one line of JSON; the rest of the output is for the reader of a failure."""
    def end(number, frame):
        raise harness.Failed("took too long, over %d s" % (PATIENCE * harness.ROWS[identifier].limit))

    signal.signal(signal.SIGTERM, end)
    signal.signal(signal.SIGALRM, end)
    row, test = harness.ROWS[identifier], None
    try:
        test = harness.Test(build, prefix_of(identifier, variant, os.getpid()), variant,
                            **row.options)
        signal.alarm(PATIENCE * row.limit)
        row.function(test)
        result, why = "pass", "; ".join(test.remarks)
    except harness.Skipped as error:
        result, why = "skip", str(error)
    except (harness.Failed, harness.DutError) as error:
        where = traceback.extract_tb(error.__traceback__)
        lines = [frame.lineno for frame in where if os.sep + "rows" + os.sep in frame.filename]
        result, why = "fail", "%s (line %s)" % (error, lines[-1] if lines else "?")
    except Exception as error:  # pylint: disable=broad-except
        traceback.print_exc()
        result, why = "error", "the test itself broke: %r" % error
    signal.alarm(0)
    signal.signal(signal.SIGTERM, signal.SIG_IGN)
    if test:
        if result in ("fail", "error"):
            print("\n".join(test.describe()), file=sys.stderr, flush=True)
        test.close()
    print(json.dumps({"result": result, "why": why}), flush=True)


# --- all of them


class Job:
    """One variant of one test."""

    def __init__(self, identifier, variant):
        self.identifier, self.variant = identifier, variant
        self.row = harness.ROWS[identifier]
        self.process = None
        self.started = self.seconds = 0.0
        self.outcome = {"result": "error", "why": "ended without a word"}
        self.log = ""

    def start(self, build):
        self.output = tempfile.TemporaryFile("w+")
        self.errors = tempfile.TemporaryFile("w+")
        self.process = subprocess.Popen(
            [sys.executable, os.path.abspath(__file__), "--build", build, "--one", self.identifier,
             "--variant", self.variant],
            stdin=subprocess.DEVNULL, stdout=self.output, stderr=self.errors)
        self.started = time.monotonic()

    def poll(self, build):
        """Whether it has ended."""
        self.seconds = time.monotonic() - self.started
        if self.process.poll() is None:
            # It ends itself at its limit, which counts from when all is set up.
            if self.seconds > PATIENCE * self.row.limit + SETUP_LIMIT + 60:
                self.process.kill()
            elif self.seconds > PATIENCE * self.row.limit + SETUP_LIMIT:
                self.process.terminate()
            return False
        self.output.seek(0)
        self.errors.seek(0)
        self.log = self.errors.read()
        try:
            self.outcome = json.loads(self.output.read().splitlines()[-1])
        except (IndexError, ValueError):
            netns.sweep(build, prefix_of(self.identifier, self.variant, self.process.pid))
        return True

    def stop(self, build):
        if not self.process:
            return
        if self.process.poll() is None:
            self.process.terminate()
            try:
                self.process.wait(20)
            except subprocess.TimeoutExpired:
                self.process.kill()
        # Also of one that ended before, by the same signal as this process.
        netns.sweep(build, prefix_of(self.identifier, self.variant, self.process.pid))


def run_jobs(jobs, workers, build, ended):
    """So many side by side; ended(job) as each ends."""
    waiting, running = list(jobs), []
    try:
        while waiting or running:
            while waiting and len(running) < workers:
                running.append(waiting.pop(0))
                running[-1].start(build)
            time.sleep(0.05)
            for job in [job for job in running if job.poll(build)]:
                running.remove(job)
                ended(job)
    finally:
        for job in running:
            job.stop(build)


def merge(jobs):
    """(result, why) of a row from those of its variants."""
    if not jobs:
        return "fail", "no test"
    worst, whys = "pass", []
    for job in jobs:
        result, why = job.outcome["result"], job.outcome["why"]
        if why:
            whys.append(("%s: " % job.variant if job.variant and result != "pass" else "") + why)
        order = ("pass", "skip", "fail", "error")
        worst = max(worst, result, key=order.index)
    return worst, "; ".join(dict.fromkeys(whys))


# --- what is printed


def table(rows, outcomes):
    lines = ["| ID | level | result | why, or what the row asks for |", "|---|---|---|---|"]
    for identifier, level, section, text in rows:
        result, why = outcomes[identifier]
        # Of what passes, why is a remark.
        cell = "%s (%s)" % (text, section) if result == "pass" else why
        if result == "pass" and why:
            cell += "; " + why
        lines.append("| %s | %s | %s | %s |" % (
            identifier, level, result, cell.replace("|", "\\|").replace("\n", " ")))
    return lines


def totals(rows, outcomes):
    results = [outcomes[row[0]][0] for row in rows]
    bad = sum(result in ("fail", "error") for result in results)
    return results.count("pass"), bad, results.count("skip")


def write_table(rows, outcomes, seconds):
    passed, failed, skipped = totals(rows, outcomes)
    with open(HERE + "/TABLE.md", "w", encoding="utf-8") as file:
        file.write("# Conformance, as last run\n\nBy `sudo make conformance` on %s, Linux %s, %s, %d "
                   "processors, %d s:\n%d passed, %d failed, %d skipped.\n\n" % (
                       time.strftime("%Y-%m-%d", time.gmtime()), platform.release(),
                       platform.machine(), os.cpu_count(), seconds, passed, failed, skipped))
        file.write("Levels: M the RFC binds, S it recommends, O it leaves open (the test pins what we "
                   "chose),\nI it implies.\n\n")
        file.write("\n".join(table(rows, outcomes)) + "\n")


def tap_line(number, row, outcome):
    identifier, level, _, text = row
    result, why = outcome
    bad = result in ("fail", "error")
    line = "%sok %d - %s (%s) %s" % ("not " if bad else "", number, identifier, level,
                                     text.replace("#", "no."))
    if result == "skip":
        line += " # SKIP " + why
    return line + ("\n# " + why.replace("\n", "\n# ") if why and result != "skip" else "")


def options():
    parser = argparse.ArgumentParser(description="conformance tests")
    parser.add_argument("prefix", nargs="*", help="rows whose ID begins so; all by default")
    parser.add_argument("--build", default=os.environ.get("BUILD", TOP + "/build"))
    parser.add_argument("--jobs", type=int, default=6, help="tests side by side (6)")
    parser.add_argument("--tap", action="store_true", help="TAP instead of the table")
    parser.add_argument("--json", metavar="FILE", help="the results, for mutants.py")
    parser.add_argument("--write", action="store_true", help="the table also to TABLE.md")
    parser.add_argument("--quiet", action="store_true", help="no word before the table")
    parser.add_argument("--first", action="store_true", help="only the first variant of each")
    parser.add_argument("--one", help=argparse.SUPPRESS)
    parser.add_argument("--variant", default="", help=argparse.SUPPRESS)
    return parser.parse_args()


def main():
    chosen = options()
    chosen.build = os.path.abspath(chosen.build)
    load_tests()
    if chosen.one:
        run_one(chosen.one, chosen.variant, chosen.build)
        return 0
    if os.geteuid() != 0:
        print("1..0 # SKIP needs root" if chosen.tap else "run.py: needs root")
        return 4
    netns.end_by_signals()
    rows = choose(read_rows(), chosen.prefix)
    if not rows:
        sys.exit("run.py: no row begins with " + " ".join(chosen.prefix))
    jobs = {row[0]: [Job(row[0], variant) for variant in
                     (harness.ROWS[row[0]].variants if row[0] in harness.ROWS else ())
                     [:1 if chosen.first else None]]
            for row in rows}
    every = [job for group in jobs.values() for job in group]
    begun = time.monotonic()

    def ended(job):
        result, why = job.outcome["result"], job.outcome["why"]
        name = job.identifier + (" " + job.variant if job.variant else "")
        if not chosen.quiet:
            print("# %-5s %s (%.1f s) %s" % (result, name, job.seconds, why), flush=True)
        if result in ("fail", "error") and not chosen.quiet:
            print("".join("#   | %s\n" % line for line in job.log.splitlines()[-60:]), end="",
                  flush=True)

    # Those that take long first, so that the end isn't one test alone.
    every.sort(key=lambda job: -job.row.limit)
    stalls = harness.Stalls()
    os.environ[harness.WATCH] = stalls.output.name
    try:
        run_jobs([job for job in every if not job.row.exclusive], chosen.jobs, chosen.build, ended)
        run_jobs([job for job in every if job.row.exclusive], 1, chosen.build, ended)
    finally:
        stalls.close()
    outcomes = {identifier: merge(group) for identifier, group in jobs.items()}
    if chosen.tap:
        print("\n".join(tap_line(number, row, outcomes[row[0]])
                        for number, row in enumerate(rows, 1)))
        print("1..%d" % len(rows))
    else:
        print("\n".join(table(rows, outcomes)))
    if chosen.json:
        with open(chosen.json, "w", encoding="utf-8") as file:
            json.dump(outcomes, file)
    if chosen.write:
        write_table(rows, outcomes, time.monotonic() - begun)
    passed, failed, skipped = totals(rows, outcomes)
    if not chosen.tap:
        print("%d passed, %d failed, %d skipped" % (passed, failed, skipped))
    return 1 if failed else 0


if __name__ == "__main__":
    sys.exit(main())
