"""What a command costs, and how figures of several rounds become one row."""

import os
import statistics
import subprocess


class Runner:
    def __init__(self, programs, folder):
        self.programs = programs  # where the helper programs of tests/bench are
        self.folder = folder

    def cost(self, command, stdin=os.devnull, netns="-", runs=1, statuses=(0,), timeout=120):
        """CPU seconds (user and system) and memory in KiB of one run: means over `runs`."""
        result = subprocess.run([f"{self.programs}/natc_bench_run", str(runs), netns, stdin, f"{self.folder}/output", *command],
                                capture_output=True, text=True, timeout=timeout)
        lines = [[int(word) for word in line.split()] for line in result.stdout.splitlines()]
        if result.returncode != 0 or len(lines) != runs or any(line[2] not in statuses for line in lines):
            raise RuntimeError(f"{' '.join(command)}: {result.stderr.strip() or lines}")
        return statistics.fmean(line[0] for line in lines) / 1e6, max(line[1] for line in lines)

    def instructions(self, command, stdin=os.devnull, netns=None):
        """Instructions of one run under callgrind."""
        inside = ["ip", "netns", "exec", netns] if netns else []
        with open(stdin, "rb") as source:
            result = subprocess.run([*inside, "valgrind", "--tool=callgrind", f"--callgrind-out-file={self.folder}/callgrind", *command],
                                    stdin=source, stdout=subprocess.DEVNULL, stderr=subprocess.PIPE, text=True, check=False)
        for line in result.stderr.splitlines():
            if "Collected" in line:
                return int(line.split()[-1])
        raise RuntimeError(result.stderr)


def ratios(rounds, one, other):
    """`one` against `other`, taken in turns, so that what else the machine does meets both: a ratio for each round."""
    return [one() / other() for _ in range(rounds)]


def spread(values):
    return {"median": statistics.median(values), "least": min(values), "most": max(values), "rounds": len(values)}


class Report:
    """Rows as they come; each says whether its limit is met."""

    def __init__(self):
        self.rows = []
        self.notes = []
        self.heading = None

    def add(self, section, what, values, limit=None, unit=""):
        row = {"section": section, "what": what, **spread(values), "unit": unit, "limit": limit}
        row["met"] = None if limit is None else row["median"] <= limit
        self.rows.append(row)
        if section != self.heading:
            print(f"\n{section}\n  {'':62}{'median':>10}{'least':>10}{'most':>10}{'at most':>10}", flush=True)
        self.heading = section
        verdict = "" if limit is None else "met" if row["met"] else "NOT MET"
        figures = "".join(f"{number(row[key]):>10}" for key in ("median", "least", "most"))
        print(f"  {what:62}{figures}{number(limit) if limit is not None else '':>10}  {unit:10} {verdict}".rstrip(), flush=True)

    def note(self, text):
        self.notes.append(text)
        print(f"  left out: {text}", flush=True)


def number(value):
    return f"{value:,.0f}" if value >= 1000 else f"{value:.3g}" if value < 10 else f"{value:.1f}"
