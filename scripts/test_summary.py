"""The ten slowest tests of a run, and which were skipped and why.

    test_summary.py JUNIT_FILE
"""

import collections
import re
import sys
import xml.etree.ElementTree

SLOWEST = 10


def reason_of(case):
    """The line after GoogleTest's "Skipped", or a script's own "skipped: ..."."""
    printed = case.findtext("system-out") or ""
    found = re.search(r": Skipped\n(.+)|^skipped: (.+)", printed, re.MULTILINE)
    return (found[1] or found[2]).strip() if found else "no reason given"


def main():
    cases = list(xml.etree.ElementTree.parse(sys.argv[1]).getroot().iter("testcase"))
    skipped = [case for case in cases if case.find("skipped") is not None]
    print(f"\nThe {SLOWEST} slowest of {len(cases)} tests:")
    for case in sorted(cases, key=lambda case: -float(case.get("time")))[:SLOWEST]:
        print(f"  {float(case.get('time')):7.1f} s  {case.get('name')}")
    print(f"{len(skipped)} tests skipped")
    for reason, count in collections.Counter(map(reason_of, skipped)).most_common():
        print(f"  {count}: {reason}")


if __name__ == "__main__":
    main()
