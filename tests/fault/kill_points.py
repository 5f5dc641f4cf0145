"""Which instants `kill-everywhere` kills at, which of them are done, and how it went."""

import collections
import fnmatch
import hashlib
import json
import os
import random
import threading
import time

Job = collections.namedtuple("Job", "mode command state point")  # state: kept or lost


def name_of(job):
    return " ".join(job)


def every_job(points):
    """points: {mode: {command: [point, ...]}}, all of them in the order in which things happen."""
    return [Job(mode, command, state, point) for mode, commands in points.items() for command, listed in commands.items()
            for point in listed for state in ("kept", "lost")]


def sample(jobs, wanted, seed):
    """As many as wanted, evenly over their order."""
    if wanted >= len(jobs):
        return jobs
    step = len(jobs) / wanted
    begin = seed % 1000 / 1000 * step
    return [jobs[int(i * step + begin)] for i in range(wanted)]


def only(jobs, pattern):
    """Those whose whole name it is or matches; else those in whose name it occurs."""
    whole = [j for j in jobs if name_of(j) == pattern or fnmatch.fnmatchcase(name_of(j), pattern)]
    return whole or [j for j in jobs if pattern in name_of(j)]


def part(jobs, text):
    """'2/4': the second of four parts, each of which goes through everything."""
    number, of = (int(n) for n in text.split("/"))
    if not 1 <= number <= of:
        raise SystemExit(f"PART is the number of a part and of how many, such as 2/4, not '{text}'")
    return jobs[number - 1::of]


def mix(jobs):
    """Not all that wait at the same time: short ones and long ones beside each other, the same way each time."""
    jobs = list(jobs)
    random.Random(1).shuffle(jobs)
    return jobs


class Record:
    """A file that tells what was done, so that a later run goes on: the points as they were counted, then a line for
    each that held, and how long it took. Without a name it is kept in memory only."""

    def __init__(self, name, program):
        with open(program, "rb") as f:
            self.build = hashlib.sha256(f.read()).hexdigest()
        self.name, self.counted, self.done, self.seconds, self.file = name, None, {}, 0, None
        if name and os.path.exists(name):
            self.read()
        if name:
            self.file = open(name, "a", encoding="utf-8")

    def read(self):
        with open(self.name, encoding="utf-8") as f:
            lines = [line for line in f if line.endswith("\n")]
        if not lines:
            os.truncate(self.name, 0)
            return
        self.counted = json.loads(lines[0])
        if self.counted["build"] != self.build:
            raise SystemExit(f"'{self.name}' was written by another build of sparkctl: what it proved is not true of this "
                             "one; remove the file")
        for line in lines[1:]:
            done = json.loads(line)
            if "job" in done:
                self.done[Job(*done["job"])] = done["killed"]
            else:
                self.seconds += done["seconds"]
        os.truncate(self.name, sum(len(line.encode()) for line in lines))

    def write(self, line):
        if self.file:
            self.file.write(json.dumps(line) + "\n")
            self.file.flush()

    def count(self, points, whole, calls):
        self.counted = {"build": self.build, "points": points, "whole": whole, "calls": calls}
        self.write(self.counted)

    def add(self, job, killed):
        self.done[job] = killed
        self.write({"job": job, "killed": killed})


class Tally:
    """What came out, and how long it will yet take."""

    def __init__(self, record, chosen):
        self.record, self.lock, self.chosen = record, threading.Lock(), chosen
        self.failures = collections.Counter()
        self.begun, self.now = time.monotonic(), 0

    def add(self, job, killed):
        with self.lock:
            self.record.add(job, killed)
            self.now += 1
            if os.environ.get("VERBOSE"):
                print("killed" if killed else "missed", name_of(job), flush=True)

    def fail(self, job, failure):
        with self.lock:
            self.failures[type(failure).__name__] += 1
            self.now += 1
            print(f"FAIL {name_of(job)}\n{failure}\nagain: ONLY='{name_of(job)}' make kill-everywhere", flush=True)

    def failed(self):
        return sum(self.failures.values())

    def missed(self):
        return sum(1 for job in self.chosen if self.record.done.get(job) is False)

    def killed(self):
        return sum(1 for job in self.chosen if self.record.done.get(job))

    def left(self):
        return len(self.chosen) - sum(1 for job in self.chosen if job in self.record.done) - self.failed()

    def seconds(self):
        """Of this run, and of those that it went on from."""
        took = time.monotonic() - self.begun
        self.record.write({"seconds": took})
        return self.record.seconds + took

    def progress(self):
        with self.lock:
            each = (time.monotonic() - self.begun) / max(1, self.now)
            left = self.left()
            return (f"{len(self.chosen) - left} of {len(self.chosen)} points, {self.failed()} failed, {each:.2f} s each, "
                    f"{left * each / 60:.0f} min left")
