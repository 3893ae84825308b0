"""The line of progress stays on one line of terminals of many widths.

    terminal_test.py CUGAMMA MODELS_FOLDER
"""

import fcntl
import os
import pty
import re
import struct
import subprocess
import sys
import termios

WIDTHS = (1, 2, 7, 20, 40, 60, 80, 200)


def shown_on(width, program, models):
    """What a search writes to a terminal of a width."""
    reader, terminal = pty.openpty()
    fcntl.ioctl(terminal, termios.TIOCSWINSZ, struct.pack("HHHH", 24, width, 0, 0))
    process = subprocess.Popen(
        [program, "search", "--model=vgg16", "--layer=1", "--time-limit=700ms"],
        stdout=subprocess.DEVNULL,
        stderr=terminal,
        env={**os.environ, "CUGAMMA_MODELS_DIR": models},
    )
    os.close(terminal)
    text = b""
    while True:
        try:
            part = os.read(reader, 65536)
        except OSError:  # the other end is closed
            break
        if not part:
            break
        text += part
    os.close(reader)
    if process.wait() != 0:
        sys.exit(f"width {width}: ended with {process.returncode}: {text}")
    return text.decode()


def main():
    program, models = sys.argv[1:]
    for width in WIDTHS:
        text = shown_on(width, program, models)
        lines = text.split("\r\033[K")
        if "\n" in text or len(lines) < 3:
            sys.exit(f"width {width}: expected a line that changes, found {text!r}")
        longest = max(lines, key=len)
        if len(longest) >= width:
            sys.exit(f"width {width}: found {longest!r}")
        if width >= 40 and not re.match(r"\d+\.\d s, best latency \d", longest):
            sys.exit(f"width {width}: expected time and best first, found {longest!r}")


if __name__ == "__main__":
    main()
