# SPDX-License-Identifier: GPL-2.0
"""
Namespaces, links and the agent under test, made for one conformance test and removed
with it, whatever becomes of the test.  It must not know BFD.
"""

import contextlib
import ctypes
import json
import os
import re
import signal
import subprocess
import sys
import tempfile
import time

CLONE_NEWNET = 0x40000000
LIBC = ctypes.CDLL(None, use_errno=True)


class DutError(Exception):
    """The tool under test refused, with its one line of why."""


class Broken(Exception):
    """The test's own surroundings failed: it says nothing about the row."""


def run(*words, check=True, timeout=60):
    done = subprocess.run(words, stdin=subprocess.DEVNULL, capture_output=True, text=True,
                          timeout=timeout, check=False)
    if check and done.returncode != 0:
        raise Broken("%s: %s" % (" ".join(words), done.stderr.strip()))
    return done


def end_with_parent():
    """In a child before it runs: it doesn't outlive this process, whatever becomes of that (PR_SET_PDEATHSIG)."""
    LIBC.prctl(1, signal.SIGTERM)


def end_by_signals(last_words=""):
    """
    From now on a signal ends this process as an exception does, so that what it made is removed; those
    that follow change nothing about that.  A child has its own mind about signals.
    """
    numbers = (signal.SIGTERM, signal.SIGINT, signal.SIGHUP)

    def end(number, _frame):
        for each in numbers:
            signal.signal(each, lambda *_: None)
        if last_words:
            os.write(1, ("%s%s\n" % (last_words, signal.Signals(number).name)).encode())
        sys.exit(128 + number)

    for each in numbers:
        signal.signal(each, end)


@contextlib.contextmanager
def inside(namespace):
    """This thread in a network namespace: sockets made here stay there."""
    with open("/proc/thread-self/ns/net", encoding="ascii") as home:
        with open("/run/netns/" + namespace, encoding="ascii") as there:
            if LIBC.setns(there.fileno(), CLONE_NEWNET):
                raise Broken("cannot enter %s: %s" % (namespace, os.strerror(ctypes.get_errno())))
        try:
            yield
        finally:
            LIBC.setns(home.fileno(), CLONE_NEWNET)


class Agent:
    """bfd-agent of a namespace."""

    def __init__(self, build, namespace):
        self.path, self.namespace = build + "/bfd-agent", namespace
        self.log = tempfile.NamedTemporaryFile(prefix="bfd-agent-", mode="w+")
        self.process = None

    def start(self, *options):
        self.log.truncate(0)
        self.process = subprocess.Popen(
            [self.path, "--netns", self.namespace, *options], stdin=subprocess.DEVNULL,
            stdout=self.log, stderr=self.log)
        end = time.monotonic() + 150
        try:
            while "bfd-agent: ready" not in self.messages():
                if self.process.poll() is not None or time.monotonic() > end:
                    raise Broken("the agent did not become ready: " + self.messages()[-500:])
                time.sleep(0.05)
        except BaseException:
            self.kill()
            raise

    def messages(self):
        with open(self.log.name, encoding="utf-8", errors="replace") as file:
            return file.read()

    def signal(self, number):
        self.process.send_signal(number)

    def stop(self):
        """An orderly end; sessions go on.  The exit status."""
        if self.process and self.process.poll() is None:
            self.process.send_signal(18)  # SIGCONT: it may have been stopped
            self.process.terminate()
        return self.wait()

    def kill(self):
        self.process.kill()
        return self.wait()

    def wait(self):
        try:
            return self.process.wait(30)
        except subprocess.TimeoutExpired:
            self.process.kill()
            return self.process.wait(10)

    def flush(self):
        return run(self.path, "--netns", self.namespace, "--flush", "--now", check=False)


class Netns:
    """The namespaces of one test, by short names ("us", "them")."""

    def __init__(self, build, prefix):
        self.build, self.prefix = build, prefix
        self.names = []
        self.agents = {}

    def name(self, short):
        return self.prefix + "-" + short

    def add(self, short):
        name = self.name(short)
        self.names.append(name)
        run("ip", "netns", "add", name)
        # Addresses are usable at once, and only those that the test sets.
        run("ip", "netns", "exec", name, "sh", "-c",
            "for scope in all default; do for key in accept_dad=0 addr_gen_mode=1; do "
            "echo ${key#*=} > /proc/sys/net/ipv6/conf/$scope/${key%=*}; done; done; ip link set lo up")
        return name

    def ip(self, short, *words):
        return run("ip", "-n", self.name(short), *words)

    def shell(self, short, command, check=True, timeout=60):
        return run("ip", "netns", "exec", self.name(short), "sh", "-c", command, check=check,
                   timeout=timeout)

    def start_agent(self, short, *options):
        # Known before it runs: one that doesn't become ready must go too.
        self.agents[short] = Agent(self.build, self.name(short))
        self.agents[short].start(*options)
        return self.agents[short]

    def bfd(self, short, *words, timeout=60):
        """`ip -n NAMESPACE -j -s -d bfd WORDS`: what it printed, of JSON."""
        done = run(self.build + "/ip", "-n", self.name(short), "-j", "-s", "-d", "bfd", *words,
                   check=False, timeout=timeout)
        if done.returncode != 0:
            raise DutError((done.stderr or done.stdout).strip())
        return json.loads(done.stdout) if done.stdout.strip() else None

    def close(self):
        for agent in self.agents.values():
            with contextlib.suppress(Exception):
                agent.stop()
        for agent in self.agents.values():
            with contextlib.suppress(Exception):
                agent.flush()
        for name in self.names:
            run("ip", "netns", "del", name, check=False)


def sweep(build, prefix):
    """Remove what a test that was killed left behind."""
    for name in names():
        if not name.startswith(prefix):
            continue
        for process in run("ip", "netns", "pids", name, check=False).stdout.split():
            with contextlib.suppress(ProcessLookupError):
                os.kill(int(process), 9)
        run(build + "/bfd-agent", "--netns", name, "--flush", "--now", check=False)
        run("ip", "netns", "del", name, check=False)


def sweep_ended(build, prefix):
    """The same of all tests that have their process id behind the prefix, but for those that run."""
    for name in names():
        match = re.match(re.escape(prefix) + "([0-9]+)", name)
        if match and not os.path.exists("/proc/" + match[1]):
            sweep(build, name)


def names():
    """Of all namespaces."""
    listed = run("ip", "netns", "list", check=False).stdout.splitlines()
    return [line.split()[0] for line in listed if line.strip()]
