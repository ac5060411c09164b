"""What was seen: a table for people, a JUnit file for who counts."""

import pathlib
import time
import traceback
import xml.etree.ElementTree as tree

from cluster import ROOT

COLUMNS = ["pid before", "pid after", "mover", "after the agent's start", "sent again", "stored for done"]


class Report:
    def __init__(self):
        self.cases = []
        self.rows = []

    def check(self, part, name, work):
        """Runs one case. work() returns a line for the reader, or a list for COLUMNS; an exception fails the case."""
        print(f"--- {part}: {name}", flush=True)
        begun = time.monotonic()
        trouble = None
        try:
            seen = work()
        except Exception as e:  # one broken promise must not hide the others
            trouble = f"{type(e).__name__}: {e}\n{traceback.format_exc()}"
            seen = f"FAILED: {' '.join(str(e).split())[:300]}"  # one row of a table
        took = time.monotonic() - begun
        self.cases.append((part, name, took, trouble))
        columns = seen if isinstance(seen, list) else [seen or "ok"]
        self.rows.append([part, name, *map(str, columns)])
        print(f"    {' | '.join(map(str, columns))}   ({took:.0f} s)", flush=True)
        return trouble is None

    @staticmethod
    def table(head, rows):
        if rows:
            print("\n" + "\n".join("| " + " | ".join(row) + " |" for row in [head, ["---"] * len(head), *rows]))

    def write(self):
        """Returns the number of failed cases."""
        failed = [case for case in self.cases if case[3]]
        suite = tree.Element("testsuite", name="node", tests=str(len(self.cases)), failures=str(len(failed)),
                             errors="0", skipped="0")
        for part, name, took, trouble in self.cases:
            case = tree.SubElement(suite, "testcase", classname=f"node.{part}", name=name, time=f"{took:.1f}")
            if trouble:
                tree.SubElement(case, "failure").text = trouble
        file = ROOT / "target" / "failsafe-reports" / "TEST-node.xml"
        file.parent.mkdir(parents=True, exist_ok=True)
        tree.ElementTree(suite).write(file)
        self.table(["part", "what", "seen"], [row for row in self.rows if len(row) == 3])
        self.table(["part", "what", *COLUMNS], [row for row in self.rows if len(row) > 3])
        for part, name, _, trouble in failed:
            print(f"\n{part}: {name}\n{trouble}")
        return len(failed)
