"""Lets a Prometheus scrape a server, and asks it all that the dashboard and the rules ask.

Usage: ask-prometheus.py BINARY WORK_DIR CSV. WORK_DIR has the three files of `kasparro asset`; prometheus is in PATH.
"""

import http.server
import json
import os
import re
import signal
import socket
import subprocess
import sys
import threading
import time
import urllib.error
import urllib.parse
import urllib.request

BINARY, WORK, CSV = sys.argv[1:]
SCRAPES = 8

# Expressions that find nothing on a server that is well, by the panel's title or the rule's name, and why.
EMPTY = {
    "Errors": "only errors are shown, and there was none",
    "Last backup": "there was no backup",
    "Last reload": "the configuration was not reloaded",
    "an annotation": "the server has started once",
}
# Rates of a histogram without an observation are not numbers; these see one only when it happens.
RARE = {"Wait before a request": "nothing waited"}

problems = []
opener = urllib.request.build_opener(urllib.request.ProxyHandler({}))


def problem(text):
    problems.append(text)
    print(text, file=sys.stderr)


class Upstream(http.server.BaseHTTPRequestHandler):
    """The two APIs, with two coins each."""

    def do_GET(self):
        now = time.strftime("%Y-%m-%dT%H:%M:%SZ", time.gmtime())
        if self.path.startswith("/paprika"):
            usd = {"price": 45000.5, "volume_24h": 1000, "market_cap": 850, "percent_change_24h": 2.5}
            coins = [
                {"id": "btc-bitcoin", "name": "Bitcoin", "symbol": "BTC", "rank": 1, "last_updated": now, "quotes": {"USD": usd}},
                {"id": "eth-ethereum", "name": "Ethereum", "symbol": "ETH", "rank": 2, "last_updated": now, "quotes": {"USD": usd}},
            ]
        elif "page=1&" in self.path + "&":
            row = {"current_price": 45000.5, "total_volume": 1000, "market_cap": 850, "price_change_percentage_24h": 2.5, "last_updated": now}
            coins = [{"id": "bitcoin", "symbol": "btc", "name": "Bitcoin", **row}, {"id": "ethereum", "symbol": "eth", "name": "Ethereum", **row}]
        else:
            coins = []
        body = json.dumps(coins).encode()
        self.send_response(200)
        self.send_header("Content-Type", "application/json")
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)

    def log_message(self, *arguments):
        pass


def get(url, **parameters):
    if parameters:
        url += "?" + urllib.parse.urlencode(parameters)
    with opener.open(url, timeout=10) as answer:
        return answer.read()


def ask(path, **parameters):
    """Prometheus's answer, or the words of its refusal."""
    try:
        answer = json.loads(get(prometheus_url + path, **parameters))
    except urllib.error.HTTPError as error:
        answer = json.loads(error.read())
    if answer.get("status") != "success" or answer.get("warnings") or answer.get("infos"):
        raise ValueError(answer.get("error") or answer.get("warnings") or answer.get("infos"))
    return answer["data"]


def free_port():
    with socket.socket() as it:
        it.bind(("127.0.0.1", 0))
        return it.getsockname()[1]


def start(arguments, log, **more):
    with open(log, "wb") as output:
        return subprocess.Popen(arguments, stdin=subprocess.DEVNULL, stdout=output, stderr=subprocess.STDOUT, **more)


def wait_until(what, seconds, process, log, test):
    end = time.monotonic() + seconds
    while time.monotonic() < end:
        if process.poll() is not None:
            break
        try:
            if test():
                return
        except (OSError, ValueError):
            pass
        time.sleep(0.1)
    with open(log) as text:
        sys.stderr.write(text.read()[-3000:])
    sys.exit(f"{what}: it did not come to that within {seconds} s; the last of its output is above")


def start_server(upstream):
    os.makedirs(WORK + "/store/inbox")
    with open(CSV, "rb") as sample, open(WORK + "/store/inbox/sample.csv", "wb") as copy:
        copy.write(sample.read())
    environment = {name: value for name, value in os.environ.items() if not name.startswith(("KASPARRO_", "ALERT_"))}
    environment["COINPAPRIKA_API_URL"] = f"http://127.0.0.1:{upstream}/paprika"
    environment["COINGECKO_API_URL"] = f"http://127.0.0.1:{upstream}/gecko"
    log = WORK + "/server.log"
    # With a schedule every source is loaded once at the start; a day is long enough that no second time falls into the test but at midnight.
    server = start([BINARY, "serve", "--data-dir", WORK + "/store", "--listen", "127.0.0.1:0", "--every", "24h"], log, env=environment)
    found = []

    def answers():
        with open(log) as text:
            found[:] = re.findall(r"http://127\.0\.0\.1:(\d+)", text.read())
        return found and get(f"http://127.0.0.1:{found[0]}/livez")

    wait_until("the server", 30, server, log, answers)
    return server, found[0]


def start_prometheus(port):
    """With the configuration that the binary carries; only port and interval are others."""
    with open(WORK + "/prometheus.yml") as file:
        text = file.read()
    for old, new in (("127.0.0.1:8080", f"127.0.0.1:{port}"), ("_interval: 15s", "_interval: 1s")):
        if old not in text:
            sys.exit(f"prometheus.yml says nothing of {old}")
        text = text.replace(old, new)
    with open(WORK + "/prometheus.yml", "w") as file:
        file.write(text)
    own = free_port()
    log = WORK + "/prometheus.log"
    arguments = [f"--config.file={WORK}/prometheus.yml", f"--storage.tsdb.path={WORK}/tsdb", f"--web.listen-address=127.0.0.1:{own}"]
    prometheus = start(["prometheus", *arguments, "--log.level=warn"], log)
    wait_until("Prometheus", 30, prometheus, log, lambda: get(f"http://127.0.0.1:{own}/-/ready"))
    return prometheus, f"http://127.0.0.1:{own}", log


def refresh(url):
    """A run between two scrapes: only what happens there has a rate. Of coinpaprika, whose quota allows a second one at once."""
    with open(WORK + "/store/token") as file:
        token = file.read().strip()
    request = urllib.request.Request(url + "/refresh?source=coinpaprika&wait=20", method="POST", headers={"Authorization": "Bearer " + token})
    with opener.open(request, timeout=30) as answer:
        if (status := json.load(answer)["status"]) != "success":
            problem(f"the run in between: {status}")


def use(url):
    """Requests as clients make them, well answered ones and others."""
    for path in ("/data?limit=5", "/latest", "/runs", "/stats", "/health", "/", "/data?limit=0", "/no/such/route"):
        try:
            get(url + path)
        except urllib.error.HTTPError:
            pass


def expressions():
    """Of the dashboard: where it stands, what is asked."""
    with open(WORK + "/kasparro-dashboard.json") as file:
        dashboard = json.load(file)
    for panel in dashboard["panels"]:
        for target in panel.get("targets", []):
            yield panel["title"], target["expr"]
    for annotation in dashboard["annotations"]["list"]:
        if "expr" in annotation:
            yield "an annotation", annotation["expr"]


def has_numbers(series):
    return any(value != "NaN" for one in series for _, value in one.get("values", [one.get("value")]))


def check_dashboard():
    """Every expression, over a time and at this instant, as Grafana asks."""
    count = 0
    now = time.time()
    seen = set()
    for place, expression in expressions():
        count += 1
        for name, value in (("$__rate_interval", "5s"), ("$__range", "30s"), ("$job", "kasparro|other"), ("$instance", ".+")):
            expression = expression.replace(name, value)
        try:
            instant = ask("/api/v1/query", query=expression)["result"]
            series = ask("/api/v1/query_range", query=expression, start=now - 20, end=now, step=1)["result"]
        except ValueError as error:
            problem(f"{place}: {expression}: {error}")
            continue
        if not series:
            seen.add(place)
            if place not in EMPTY:
                problem(f"{place}: {expression} finds nothing")
        elif not has_numbers(series) and place not in RARE:
            problem(f"{place}: {expression} finds no number")
        elif len(instant) > 200:
            problem(f"{place}: {expression} finds {len(instant)} series, too many to look at")
    for place in set(EMPTY) - seen:
        problem(f"{place} finds something, though {EMPTY[place]}")
    return count


def check_rules():
    """Every rule is evaluated without an error; records have values; nothing is the matter with this server."""
    rules = [rule for group in ask("/api/v1/rules")["groups"] for rule in group["rules"]]
    for rule in rules:
        if rule["health"] != "ok" or rule.get("lastError"):
            problem(f"{rule['name']}: {rule['health']}: {rule.get('lastError')}")
        if rule["type"] == "recording" and not ask("/api/v1/query", query=rule["name"])["result"]:
            problem(f"{rule['name']} records nothing")
        if rule["type"] == "alerting" and rule["alerts"]:
            problem(f"{rule['name']} is {rule['state']} on a server that is well: {rule['alerts'][0]['annotations']['summary']}")
    return len(rules)


def check_names():
    """Nothing is asked of that the server has not; what it has and nobody asks of is for the unit tests to say."""
    metrics = get(server_url + "/metrics").decode()
    known = set(re.findall(r"^([a-zA-Z_:][a-zA-Z0-9_:]*)[{ ]", metrics, re.M)) | {"up"}
    with open(WORK + "/kasparro.rules.yml") as file:
        rules = file.read()
    known |= set(re.findall(r"- record: (\S+)", rules))
    asked = " ".join(text for _, text in expressions()) + re.sub(r"(?m)^ *#.*$", "", rules)
    for name in sorted(set(re.findall(r"([a-zA-Z_:][a-zA-Z0-9_:]*)\{", asked)) - known):
        problem(f"{name} is asked for, and the server has no such metric")


began = time.monotonic()
upstream = http.server.ThreadingHTTPServer(("127.0.0.1", 0), Upstream)
threading.Thread(target=upstream.serve_forever, daemon=True).start()
processes = []
try:
    server, port = start_server(upstream.server_address[1])
    processes.append(server)
    server_url = f"http://127.0.0.1:{port}"
    prometheus, prometheus_url, prometheus_log = start_prometheus(port)
    processes.append(prometheus)

    def scraped(times):
        use(server_url)
        result = ask("/api/v1/query", query='count_over_time(up{job="kasparro"}[5m])')["result"]
        return result and int(result[0]["value"][1]) >= times

    for half in (SCRAPES // 2, SCRAPES):
        wait_until(f"{half} scrapes", 30, prometheus, prometheus_log, lambda: scraped(half))
        if half < SCRAPES:
            refresh(server_url)
    targets = ask("/api/v1/targets")["activeTargets"]
    if [target["health"] for target in targets] != ["up"]:
        problem(f"the target is not up: {[target['lastError'] for target in targets]}")
    check_names()
    asked, rules = check_dashboard(), check_rules()
    with open(prometheus_log) as text:
        if log := text.read():
            problem(f"Prometheus logs: {log}")
finally:
    for process in reversed(processes):
        process.send_signal(signal.SIGTERM)
    for process in processes:
        try:
            process.wait(20)
        except subprocess.TimeoutExpired:
            process.kill()
    upstream.shutdown()
if problems:
    with open(WORK + "/server.log") as text:
        sys.stderr.write("The server's output:\n" + text.read()[-3000:])
    sys.exit(1)
print(f"  {asked} expressions of the dashboard and {rules} rules evaluated in {time.monotonic() - began:.0f} s")
