"""Opens pages of `cugamma report` in a headless Chromium: no script error, no request, nothing cut
off at two widths, every figure equal to the field of result.json that it names.

    report_page_test.py CUGAMMA [--screenshots DIR]

Shows a layer, a network, a search that finds nothing, and the first two compared. Exit status 77
(skipped) where there is no Chromium.
"""

import argparse
import base64
import fcntl
import json
import os
import pathlib
import shutil
import subprocess
import sys
import tempfile

SKIPPED = 77
WIDTHS = (1200, 360)

# Values by path; a figure of one field shows that field, one of several only names them.
CHECK_FIGURES = r"""
(() => {
  const wrong = [];
  const results = [...document.querySelectorAll("script[type='application/json']")].map((s) =>
    JSON.parse(s.textContent));
  const at = (root, path) => [...path.matchAll(/\["([^"]*)"\]|([^.\[\]]+)/g)].reduce(
    (value, key) => value?.[key[1] ?? key[2]], root);
  const named = [...document.querySelectorAll("[data-field]")];
  for (const element of named) {
    const paths = element.dataset.field.split("; ");
    const optional = element.dataset.rule !== undefined;
    const holds = results.some((root) => paths.every((path) => {
      const value = at(root, path);
      if (value === undefined) return optional;
      return optional || element.dataset.value === undefined ||
        Number(value) === Number(element.dataset.value);
    }));
    if (!holds) wrong.push(element.dataset.field + " = " + element.dataset.value);
  }
  return { count: named.length, wrong };
})()
"""

# Elements that stick out of the page, or whose text is cut off, outside boxes made for scrolling.
CHECK_LAYOUT = r"""
(() => {
  const wide = document.documentElement.clientWidth;
  const cut = [];
  for (const element of document.querySelectorAll("main *")) {
    if (element.closest("pre, .scroll, .track, svg") || !element.getClientRects().length) continue;
    const box = element.getBoundingClientRect();
    if (box.right > wide + 1 || box.left < -1)
      cut.push(element.className + ": " + element.textContent.slice(0, 60));
  }
  const charts = [...document.querySelectorAll(".chart")];
  const unnamed = charts.filter((chart) => !chart.querySelector(".axis-name").textContent.trim() ||
    !chart.querySelector(".y-name").textContent.trim());
  // On a phone tables are lists, elsewhere the names of columns wrap: neither needs scrolling.
  const sideways = [...document.querySelectorAll(".sortable")].filter((table) => table.parentElement.scrollWidth > table.parentElement.clientWidth);
  const bottom = (element) => element.getBoundingClientRect().bottom;
  const blank = [...document.querySelectorAll(".card")].filter((card) => card.getClientRects().length &&
    bottom(card) - bottom(card.lastElementChild) > 60);
  return { scroll: document.documentElement.scrollWidth, wide, cut, unnamed: unnamed.length,
    blank: blank.map((card) => card.querySelector("h3").textContent),
    sideways: sideways.map((table) => table.dataset.name) };
})()
"""

# Arrow keys on a chart must read a value out.
# What each chart reads out when an arrow is pressed on it.
CHECK_KEYBOARD = r"""
[...document.querySelectorAll(".chart .plot")].map((plot) => {
  plot.closest("details")?.setAttribute("open", "");
  plot.focus();
  plot.dispatchEvent(new KeyboardEvent("keydown", { key: "ArrowLeft", cancelable: true }));
  return plot.closest(".chart").nextElementSibling.textContent;
})
"""


class Browser:
    """A headless Chromium, driven over a pair of pipes."""

    def __init__(self, program, profile):
        to_browser, self._out = os.pipe()
        self._in, from_browser = os.pipe()

        def connect():
            # The browser reads commands from descriptor 3 and writes to 4.
            ends = [fcntl.fcntl(end, fcntl.F_DUPFD, 10) for end in (to_browser, from_browser)]
            os.dup2(ends[0], 3)
            os.dup2(ends[1], 4)

        command = [
            program, "--headless", "--no-sandbox", "--disable-gpu", "--disable-dev-shm-usage",
            "--no-first-run", "--remote-debugging-pipe", f"--user-data-dir={profile}",
        ]  # fmt: skip
        self._process = subprocess.Popen(
            command, preexec_fn=connect, close_fds=False,
            stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL,
        )  # fmt: skip
        os.close(to_browser)
        os.close(from_browser)
        self._buffer = b""
        self._id = 0
        self._session = None
        self.events = []
        target = self.call("Target.createTarget", url="about:blank")["targetId"]
        attached = self.call("Target.attachToTarget", targetId=target, flatten=True)
        self._session = attached["sessionId"]
        for domain in ("Page", "Runtime", "Log", "Network"):
            self.call(f"{domain}.enable")

    def _message(self):
        while b"\0" not in self._buffer:
            chunk = os.read(self._in, 1 << 20)
            if not chunk:
                raise RuntimeError("Chromium ended")
            self._buffer += chunk
        message, _, self._buffer = self._buffer.partition(b"\0")
        return json.loads(message)

    def call(self, method, **parameters):
        self._id += 1
        command = {"id": self._id, "method": method, "params": parameters}
        if self._session:
            command["sessionId"] = self._session
        os.write(self._out, json.dumps(command).encode() + b"\0")
        while True:
            message = self._message()
            if message.get("id") == self._id:
                if "error" in message:
                    raise RuntimeError(f"{method}: {message['error']}")
                return message["result"]
            self.events.append(message)

    def open(self, url):
        self.events.clear()
        self.call("Page.navigate", url=url)
        while not any(event["method"] == "Page.loadEventFired" for event in self.events):
            self.events.append(self._message())

    def evaluate(self, expression):
        result = self.call("Runtime.evaluate", expression=expression, returnByValue=True)
        if "exceptionDetails" in result:
            raise RuntimeError(result["exceptionDetails"])
        return result["result"].get("value")

    def resize(self, width, scheme):
        self.call("Emulation.setScrollbarsHidden", hidden=True)
        self.call(
            "Emulation.setDeviceMetricsOverride",
            width=width,
            height=900,
            deviceScaleFactor=1,
            mobile=False,
        )
        features = [{"name": "prefers-color-scheme", "value": scheme}]
        self.call("Emulation.setEmulatedMedia", features=features)

    def screenshot(self, path):
        shot = self.call("Page.captureScreenshot", captureBeyondViewport=True)
        path.write_bytes(base64.b64decode(shot["data"]))

    def close(self):
        try:
            self.call("Browser.close")
        except (OSError, RuntimeError):
            self._process.kill()
        self._process.wait()


def problems_of_events(events, url):
    for event in events:
        if event["method"] == "Runtime.exceptionThrown":
            yield f"script error: {event['params']['exceptionDetails']}"
        if event["method"] == "Log.entryAdded" and event["params"]["entry"]["level"] == "error":
            yield f"error on the console: {event['params']['entry']['text']}"
        if event["method"] == "Network.requestWillBeSent":
            asked = event["params"]["request"]["url"]
            if asked != url and not asked.startswith("data:"):
                yield f"request leaves the page: {asked}"


def problems_of_layout(browser, width):
    layout = browser.evaluate(CHECK_LAYOUT)
    if layout["scroll"] > layout["wide"]:
        yield f"{width} px: the page is {layout['scroll']} px wide"
    for text in layout["cut"][:5]:
        yield f"{width} px: sticks out: {text}"
    for name in layout["sideways"]:
        yield f"{width} px: the table {name} scrolls sideways"
    for title in layout["blank"]:
        yield f"{width} px: the card {title!r} is half empty"
    if layout["unnamed"]:
        yield f"{width} px: {layout['unnamed']} charts without names of their axes"


def problems_of_page(browser, page, screenshots):
    url = page.resolve().as_uri()
    browser.open(url)
    figures = browser.evaluate(CHECK_FIGURES)
    if figures["count"] < 10:
        yield f"only {figures['count']} figures name a field"
    for text in figures["wrong"][:5]:
        yield f"differs from its field: {text}"
    read = browser.evaluate(CHECK_KEYBOARD)
    if not all(read):
        yield "a chart reads nothing out by keyboard"
    if page.stem != "nothing" and not any("evaluations" in text for text in read):
        yield f"no chart reads evaluations out by keyboard, but {read}"
    browser.evaluate("document.querySelectorAll('details').forEach((d) => (d.open = true))")
    for width in WIDTHS:
        browser.resize(width, "light")
        yield from problems_of_layout(browser, width)
    browser.open(url)
    for width in WIDTHS if screenshots else ():
        for scheme in ("light", "dark"):
            browser.resize(width, scheme)
            browser.screenshot(screenshots / f"{page.stem}-{width}-{scheme}.png")
    yield from problems_of_events(browser.events, url)


SEARCHES = {
    "layer": "--model vgg16 --layer 1 --l1-size 512 --l2-size 108000 --evaluations 2000",
    "network": "--model resnet18 --l1-size 600 --l2-size 98000 --noc-bw 32 --offchip-bw 16 --evaluations 200",
    "front": "--model alexnet --layer 1,2,3 --pareto latency,energy,budget-area --evaluations 500",
    "nothing": "--model vgg16 --layer 1 --l1-size 1 --l2-size 1 --evaluations 100",
}


def make_pages(cugamma, folder):
    for name, options in SEARCHES.items():
        out = folder / name
        command = [
            cugamma,
            "search",
            *options.split(),
            "--num-pes=168",
            "--log-level=0",
            f"--out={out}",
        ]
        subprocess.run(command, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
        yield (out / "report.html").rename(folder / f"{name}.html")
    page = folder / "comparison.html"
    results = [folder / name / "result.json" for name in ("layer", "network")]
    subprocess.run([cugamma, "report", *results, "-o", page], check=True)
    yield page


#: Bytes that the page of a network with 54 layers of 24 shapes may take.
MOST_BYTES = 900_000


def problems_of_size(cugamma, folder):
    command = "search --model resnet50 --accelerator edge --objective EDP --evaluations 5000 --log-level 0"
    done = [cugamma, *command.split(), f"--out={folder / 'resnet50'}"]
    subprocess.run(done, stdout=subprocess.DEVNULL, check=True)
    size = (folder / "resnet50" / "report.html").stat().st_size
    if size > MOST_BYTES:
        yield f"takes {size} bytes, at most {MOST_BYTES} expected"


def main():
    parser = argparse.ArgumentParser()
    parser.add_argument("cugamma")
    parser.add_argument("--screenshots", type=pathlib.Path)
    options = parser.parse_args()
    program = shutil.which("chromium") or shutil.which("chromium-browser")
    if not program:
        print("skipped: there is no chromium")
        return SKIPPED
    if options.screenshots:
        options.screenshots.mkdir(parents=True, exist_ok=True)
    bad = 0
    with tempfile.TemporaryDirectory() as folder:
        pages = list(make_pages(options.cugamma, pathlib.Path(folder)))
        browser = Browser(program, os.path.join(folder, "profile"))
        try:
            for page in pages:
                for problem in problems_of_page(browser, page, options.screenshots):
                    print(f"{page.name}: {problem}")
                    bad += 1
            for problem in problems_of_size(options.cugamma, pathlib.Path(folder)):
                print(f"the page of ResNet-50: {problem}")
                bad += 1
        finally:
            browser.close()
    print(f"{len(pages)} pages, {bad} problems")
    return 1 if bad else 0


if __name__ == "__main__":
    sys.exit(main())
