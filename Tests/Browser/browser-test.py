"""Opens the pages in Chromium over the DevTools protocol, checks what is on them and takes pictures.

Usage: browser-test.py BROWSER URL PICTURES_DIR
Only what Python brings: the protocol goes over two pipes (--remote-debugging-pipe), one JSON text and a NUL for each message.
"""

import base64
import json
import os
import select
import shutil
import struct
import subprocess
import sys
import tempfile
import time
import zlib

SECONDS = 60


class Browser:
    def __init__(self, program):
        self.profile = tempfile.mkdtemp(prefix="kasparro-browser-")
        their_input, self.output = os.pipe()
        self.input, their_output = os.pipe()

        def take_pipes():
            # The protocol's descriptors are 3 and 4; ours may have these very numbers, so they are moved away first.
            first, second = os.dup(their_input), os.dup(their_output)
            high = [os.dup2(first, 60), os.dup2(second, 61)]
            for target, source in ((3, high[0]), (4, high[1])):
                os.dup2(source, target)
                os.set_inheritable(target, True)

        # The sandbox of Chromium needs rights that root in a container has not; only our own pages are opened.
        options = ["--headless", "--no-sandbox", "--disable-gpu", "--disable-dev-shm-usage", "--no-first-run", "--no-proxy-server",
            "--hide-scrollbars", "--force-color-profile=srgb", f"--user-data-dir={self.profile}", "--remote-debugging-pipe", "about:blank"]
        self.process = subprocess.Popen([program, *options], stdin=subprocess.DEVNULL, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL,
            preexec_fn=take_pipes, close_fds=False)
        os.close(their_input)
        os.close(their_output)
        self.buffer = b""
        self.number = 0
        self.events = []

    def read(self, deadline):
        while b"\0" not in self.buffer:
            ready, _, _ = select.select([self.input], [], [], max(0, deadline - time.monotonic()))
            if not ready:
                raise TimeoutError("the browser did not answer in time")
            piece = os.read(self.input, 1 << 20)
            if not piece:
                raise EOFError("the browser has ended")
            self.buffer += piece
        message, self.buffer = self.buffer.split(b"\0", 1)
        return json.loads(message)

    def call(self, method, session=None, **parameters):
        self.number += 1
        message = {"id": self.number, "method": method, "params": parameters, **({"sessionId": session} if session else {})}
        os.write(self.output, json.dumps(message).encode() + b"\0")
        deadline = time.monotonic() + SECONDS
        while True:
            answer = self.read(deadline)
            if answer.get("id") == self.number:
                if "error" in answer:
                    raise RuntimeError(f"{method}: {answer['error']['message']}")
                return answer["result"]
            self.events.append(answer)

    def wait_for(self, event, session):
        deadline = time.monotonic() + SECONDS
        while not any(e.get("method") == event and e.get("sessionId") == session for e in self.events):
            self.events.append(self.read(deadline))

    def close(self):
        self.process.terminate()
        self.process.wait(20)
        shutil.rmtree(self.profile, ignore_errors=True)


class Tab:
    """One page under one set of circumstances."""

    def __init__(self, browser, width, height, dark=False, scripts=True, phone=False):
        self.browser = browser
        self.scripts = scripts
        target = browser.call("Target.createTarget", url="about:blank")["targetId"]
        self.target = target
        self.session = browser.call("Target.attachToTarget", targetId=target, flatten=True)["sessionId"]
        for domain in ("Page", "Runtime", "Log", "Network"):
            self.call(f"{domain}.enable")
        self.call("Emulation.setDeviceMetricsOverride", width=width, height=height, deviceScaleFactor=2 if phone else 1, mobile=phone)
        self.call("Emulation.setEmulatedMedia", features=[{"name": "prefers-color-scheme", "value": "dark" if dark else "light"}])
        if not scripts:
            self.call("Emulation.setScriptExecutionDisabled", value=True)

    def call(self, method, **parameters):
        return self.browser.call(method, self.session, **parameters)

    def open(self, url):
        self.browser.events.clear()
        self.call("Page.navigate", url=url)
        self.browser.wait_for("Page.loadEventFired", self.session)

    def value(self, expression):
        result = self.call("Runtime.evaluate", expression=expression, returnByValue=True, awaitPromise=True)
        if "exceptionDetails" in result:
            raise RuntimeError(f"{expression}: {result['exceptionDetails']['text']}")
        return result["result"].get("value")

    def wait_until(self, expression):
        deadline = time.monotonic() + SECONDS
        while not self.value(expression):
            if time.monotonic() > deadline:
                raise TimeoutError(f"never true: {expression}")
            time.sleep(0.05)

    def dom(self):
        """The page's elements as text, which works without scripts too."""
        root = self.call("DOM.getDocument", depth=0)["root"]["nodeId"]
        return self.call("DOM.getOuterHTML", nodeId=root)["outerHTML"]

    def picture(self, path):
        size = self.call("Page.getLayoutMetrics")["cssContentSize"]
        clip = {"x": 0, "y": 0, "width": size["width"], "height": min(size["height"], 4000), "scale": 1}
        data = self.call("Page.captureScreenshot", format="png", clip=clip, captureBeyondViewport=True)["data"]
        with open(path, "wb") as file:
            file.write(base64.b64decode(data))

    def sample(self):
        """A small piece, as Python takes its time to look at pictures."""
        clip = {"x": 0, "y": 0, "width": 320, "height": 480, "scale": 0.5}
        return base64.b64decode(self.call("Page.captureScreenshot", format="png", clip=clip)["data"])

    def complaints(self):
        """Errors of the console, of scripts, of the content policy, and requests that failed."""
        found = []
        for event in self.browser.events:
            if event.get("sessionId") != self.session:
                continue
            method, parameters = event.get("method"), event.get("params", {})
            if method == "Log.entryAdded" and parameters["entry"]["level"] in ("error", "warning"):
                found.append(parameters["entry"]["text"] + " " + parameters["entry"].get("url", ""))
            elif method == "Runtime.exceptionThrown":
                found.append(json.dumps(parameters["exceptionDetails"])[:500])
            elif method == "Runtime.consoleAPICalled" and parameters["type"] in ("error", "assert"):
                found.append(json.dumps(parameters["args"])[:500])
            elif method == "Network.responseReceived" and parameters["response"]["status"] >= 400:
                found.append(f"{parameters['response']['status']} {parameters['response']['url']}")
        return found

    def close(self):
        self.browser.call("Target.closeTarget", targetId=self.target)


def colours(png):
    """How many different pixels a picture has; a blank one has 1."""
    width, height, depth, kind = struct.unpack(">IIBB", png[16:26])
    assert depth == 8 and kind in (2, 6), "an unexpected form of PNG"
    size = 3 if kind == 2 else 4
    data, place = b"", 8
    while place < len(png):
        length, name = struct.unpack(">I4s", png[place : place + 8])
        if name == b"IDAT":
            data += png[place + 8 : place + 8 + length]
        place += 12 + length
    lines, line, stride, seen = zlib.decompress(data), bytearray(width * size), width * size, set()
    for row in range(height):
        start = row * (stride + 1)
        line = unfiltered(lines[start], bytearray(lines[start + 1 : start + 1 + stride]), line, size)
        seen.update(bytes(line[i : i + 3]) for i in range(0, stride, size))
    return len(seen)


def unfiltered(kind, line, above, size):
    if kind == 1:
        for i in range(size, len(line)):
            line[i] = (line[i] + line[i - size]) & 255
    elif kind == 2:
        for i in range(len(line)):
            line[i] = (line[i] + above[i]) & 255
    elif kind in (3, 4):
        for i in range(len(line)):
            left, up, corner = (line[i - size] if i >= size else 0), above[i], (above[i - size] if i >= size else 0)
            if kind == 3:
                guess = (left + up) // 2
            else:
                a, b, c = abs(up - corner), abs(left - corner), abs(left + up - 2 * corner)
                guess = left if a <= b and a <= c else up if b <= c else corner
            line[i] = (line[i] + guess) & 255
    return line


class Checks:
    def __init__(self):
        self.passed = self.failed = 0

    def expect(self, is_so, what):
        if is_so:
            self.passed += 1
        else:
            self.failed += 1
            print(f"browser test: {what}", file=sys.stderr)


def check_picture(tab, checks, path, name):
    tab.picture(f"{path}/{name}.png")
    count = colours(tab.sample())
    checks.expect(count > 20, f"{name}: the picture has {count} colours; is it blank?")


CONTRASTS = """(() => {
  const parse = (text) => text.match(/[\\d.]+/g).map(Number);
  const light = ([r, g, b]) => [r, g, b].map((v) => v / 255).map((v) => v <= 0.04045 ? v / 12.92 : ((v + 0.055) / 1.055) ** 2.4)
    .reduce((sum, v, i) => sum + v * [0.2126, 0.7152, 0.0722][i], 0);
  const back = (element) => {
    for (let e = element; e; e = e.parentElement) {
      const c = parse(getComputedStyle(e).backgroundColor);
      if (c.length === 3 || c[3] === 1) return c;
    }
    return [255, 255, 255];
  };
  const weak = [];
  for (const element of document.querySelectorAll("body *")) {
    if (![...element.childNodes].some((n) => n.nodeType === 3 && n.textContent.trim()) || !element.checkVisibility()) continue;
    const [a, b] = [light(parse(getComputedStyle(element).color)), light(back(element))];
    const ratio = (Math.max(a, b) + 0.05) / (Math.min(a, b) + 0.05);
    if (ratio < 4.5) weak.push(`${element.className || element.tagName} ${ratio.toFixed(2)}`);
  }
  return [...new Set(weak)];
})()"""


def status_page(browser, url, path, checks):
    for name, options in {
        "status-light": dict(width=1280, height=900), "status-dark": dict(width=1280, height=900, dark=True),
        "status-phone": dict(width=390, height=844, phone=True), "status-phone-dark": dict(width=390, height=844, phone=True, dark=True),
        "status-small-phone": dict(width=320, height=568, phone=True), "status-without-scripts": dict(width=1280, height=900, scripts=False),
    }.items():
        tab = Tab(browser, **options)
        tab.open(url + "/")
        dom = tab.dom()
        for text in ("All is well", "Newest prices", "$45,100.25", "Sources", "coinpaprika", "Last runs", "success", "curl -s"):
            checks.expect(text in dom, f"{name}: there is no '{text}' on the page")
        checks.expect("&lt;img src=x" in dom and "<img src=x" not in dom.lower(), f"{name}: a coin's name became an element")
        checks.expect(dom.count("<svg") >= 10, f"{name}: sparklines are missing")
        if tab.scripts:
            tab.wait_until("document.getElementById('live') && !document.getElementById('live').hidden")
            checks.expect(tab.value("document.title") == "kasparro", f"{name}: the title is {tab.value('document.title')!r}")
            width = tab.value("document.documentElement.scrollWidth - document.documentElement.clientWidth")
            checks.expect(width <= 0, f"{name}: the page is {width} pixels too wide")
            weak = tab.value(CONTRASTS)
            checks.expect(not weak, f"{name}: contrast below 4.5: {weak}")
        check_picture(tab, checks, path, name)
        checks.expect(not tab.complaints(), f"{name}: {tab.complaints()}")
        tab.close()


def refreshing(browser, url, checks):
    """The script takes over what has changed and leaves the rest."""
    tab = Tab(browser, 1280, 900)
    # Before the page's own script: its timer fires at once, and only when it is told to.
    tab.call("Page.addScriptToEvaluateOnNewDocument",
        source="window.timers = []; const real = setTimeout; window.setTimeout = (f, ms) => ms > 4000 ? window.timers.push(f) : real(f, ms);")
    tab.open(url + "/")
    tab.value("document.querySelector('#prices h2').textContent = 'changed'; document.querySelector('#sources').dataset.mark = 'kept'; null")
    tab.wait_until("window.timers.length > 0")
    tab.value("window.timers.shift()(); null")
    tab.wait_until("document.querySelector('#prices h2').textContent === 'Newest prices'")
    tab.wait_until("window.timers.length > 0")
    checks.expect(tab.value("document.getElementById('live').textContent") == "live", "the page does not say that it is live")
    checks.expect(not tab.complaints(), f"refreshing: {tab.complaints()}")
    tab.close()


def documentation(browser, url, path, checks):
    for name, options in {
        "docs-light": dict(width=1280, height=900), "docs-dark": dict(width=1280, height=900, dark=True),
        "docs-phone": dict(width=390, height=844, phone=True), "docs-without-scripts": dict(width=1280, height=900, scripts=False),
    }.items():
        tab = Tab(browser, **options)
        tab.open(url + "/api-docs")
        has_swagger = "swagger-ui.js" in tab.dom()
        if tab.scripts and has_swagger:
            tab.wait_until("document.querySelectorAll('.opblock').length > 10")
            check_picture(tab, checks, path, name)
            tab.value("document.querySelector('#operations-rows-listRows button.opblock-summary-control').click(); null")
            tab.wait_until("document.querySelectorAll('#operations-rows-listRows .parameters tr').length > 5")
            checks.expect(tab.value("document.querySelectorAll('.errors-wrapper').length") == 0, f"{name}: Swagger UI finds errors in the document")
            check_picture(tab, checks, path, name + "-open")
        else:
            for text in ("/data", "sort_dir", "/refresh"):
                checks.expect(f"<code>{text}</code>" in tab.dom(), f"{name}: there is no {text} in the list")
            check_picture(tab, checks, path, name)
        if tab.scripts:
            width = tab.value("document.documentElement.scrollWidth - document.documentElement.clientWidth")
            checks.expect(width <= 0, f"{name}: the page is {width} pixels too wide")
        checks.expect(not tab.complaints(), f"{name}: {tab.complaints()}")
        tab.close()


def main():
    program, url, path = sys.argv[1:]
    checks = Checks()
    browser = Browser(program)
    try:
        status_page(browser, url, path, checks)
        refreshing(browser, url, checks)
        documentation(browser, url, path, checks)
    finally:
        browser.close()
    print(f"browser test: pictures in {path}")
    print(f"browser test: {'FAIL' if checks.failed else 'PASS'}: {checks.passed} passed, {checks.failed} failed")
    sys.exit(bool(checks.failed))


main()
