"""The server under test: started, killed, stopped and watched."""

import asyncio
import json
import os
import random
import re
import signal
import socket
import time

from client import Client


def free_port():
    """One below those that the system gives to clients: nobody takes it between two lives of the server."""
    while True:
        port = random.randint(20000, 32000)
        with socket.socket() as candidate:
            try:
                candidate.bind(("127.0.0.1", port))
                return port
            except OSError:
                continue


def clean_environment():
    """Without settings of whoever starts the round, and without proxies."""
    return {name: value for name, value in os.environ.items() if not name.upper().startswith(("KASPARRO_", "COINPAPRIKA_", "COINGECKO_", "ALERT_"))
        and not name.lower().endswith("_proxy") and name != "PORT"}


class Sample:
    """What the process takes at one moment."""

    def __init__(self, pid, at):
        self.at = at
        with open(f"/proc/{pid}/status") as status:
            fields = dict(re.findall(r"(\w+):\s+(\d+)", status.read()))
        self.rss, self.anonymous, self.threads = int(fields["VmRSS"]), int(fields["RssAnon"]), int(fields["Threads"])
        self.files = len(os.listdir(f"/proc/{pid}/fd"))


class Server:
    def __init__(self, binary, directory, configuration, faults, figures):
        self.binary, self.directory, self.configuration = binary, directory, configuration
        self.faults, self.figures = faults, figures
        self.port = free_port()
        self.up = asyncio.Event()
        # Each start is another life; connections of an earlier one are no good.
        self.life = 0
        self.disturbed_at = 0.0
        self.is_leaving = False
        self.process = None
        self.log = os.path.join(directory + ".log")
        self.kills, self.stops, self.ready, self.stop_seconds = [], 0, [], []

    def was_disturbed(self, since):
        return not self.up.is_set() or self.disturbed_at >= since

    @property
    def words(self):
        return [self.binary, "serve", "--data-dir", self.directory, "--config", self.configuration, "--listen", f"127.0.0.1:{self.port}",
            "--log-format", "json"]

    @property
    def token(self):
        with open(os.path.join(self.directory, "token")) as file:
            return file.read().strip()

    async def start(self, is_first=False):
        """Returns when it says that it is ready."""
        with open(self.log, "ab") as log:
            began = time.perf_counter()
            self.process = await asyncio.create_subprocess_exec(*self.words, stdin=asyncio.subprocess.DEVNULL, stdout=asyncio.subprocess.DEVNULL,
                stderr=log, env=clean_environment())
        self.is_leaving = False
        self.watcher = asyncio.create_task(self.watch(self.process))
        client = Client(self, self.faults, self.figures)
        while True:
            if self.process.returncode is not None:
                raise RuntimeError(f"the server did not start (exit {self.process.returncode}); see {self.log}")
            if time.perf_counter() - began > 120:
                raise RuntimeError(f"the server was not ready within two minutes; see {self.log}")
            try:
                client.life = self.life
                if (await client.exchange("GET", "/readyz", {}, b"")).status == 200:
                    break
            except (OSError, asyncio.IncompleteReadError):
                client.close()
            await asyncio.sleep(0.002)
        if not is_first:
            self.ready.append(time.perf_counter() - began)
        client.close()
        self.life += 1
        self.up.set()

    async def start_and_kill(self, seconds):
        """Dies again while it starts."""
        with open(self.log, "ab") as log:
            process = await asyncio.create_subprocess_exec(*self.words, stdin=asyncio.subprocess.DEVNULL, stdout=asyncio.subprocess.DEVNULL,
                stderr=log, env=clean_environment())
        await asyncio.sleep(seconds)
        if process.returncode is not None:
            self.faults.add(f"the server did not start (exit {process.returncode}); see {self.log}")
            return
        process.kill()
        await process.wait()
        self.kills.append(time.time())

    async def watch(self, process):
        code = await process.wait()
        if not self.is_leaving:
            self.leave()
            self.faults.add(f"the server ended by itself with {code}; see {self.log}")

    def leave(self):
        self.is_leaving = True
        self.up.clear()
        self.disturbed_at = time.time()

    async def kill(self):
        self.leave()
        self.kills.append(time.time())
        self.process.kill()
        await self.process.wait()
        self.disturbed_at = time.time()

    async def stop(self):
        """An orderly stop; 20 s at most, exit 0."""
        self.leave()
        self.stops += 1
        began = time.perf_counter()
        self.process.terminate()
        try:
            async with asyncio.timeout(60):
                await self.process.wait()
        except TimeoutError:
            self.faults.add("the server was still there a minute after SIGTERM")
            self.process.kill()
            await self.process.wait()
        self.disturbed_at = time.time()
        took = time.perf_counter() - began
        self.stop_seconds.append(took)
        if self.process.returncode != 0:
            self.faults.add(f"SIGTERM: exit {self.process.returncode}")
        if took > 21:
            self.faults.add(f"SIGTERM: it took {took:.1f} s to stop")

    def reload(self):
        self.process.send_signal(signal.SIGHUP)

    def sample(self):
        try:
            return Sample(self.process.pid, time.time()) if self.up.is_set() else None
        except (OSError, KeyError):
            return None

    def disk(self):
        """Bytes that the data directory takes, without the inbox: (in segments and the rest, in the log)."""
        rest = log = 0
        for root, directories, names in os.walk(self.directory):
            if root == self.directory:
                directories[:] = [name for name in directories if name != "inbox"]
            for name in names:
                try:
                    size = os.lstat(os.path.join(root, name)).st_blocks * 512
                except OSError:
                    continue
                if os.path.basename(root) == "wal":
                    log += size
                else:
                    rest += size
        return rest, log

    async def command(self, *words, allowed=(0,), is_beside=True):
        """Runs a command on the data directory; its output, or None when it failed because the server went away."""
        began = time.time()
        process = await asyncio.create_subprocess_exec(self.binary, *words, stdin=asyncio.subprocess.DEVNULL, stdout=asyncio.subprocess.PIPE,
            stderr=asyncio.subprocess.PIPE, env=clean_environment())
        try:
            output, errors = await process.communicate()
        except asyncio.CancelledError:
            if process.returncode is None:
                process.kill()
            raise
        if process.returncode in allowed:
            return output
        if is_beside and self.was_disturbed(began):
            return None
        self.faults.add(f"kasparro {' '.join(words)}: exit {process.returncode}: {(errors or output)[-600:].decode(errors='replace').strip()}")
        return None

    async def metrics(self):
        client = Client(self, self.faults, self.figures)
        answer = await client.ask("/metrics")
        client.close()
        return answer.content.decode() if answer else None

    async def post(self, path, allowed=(200, 202)):
        client = Client(self, self.faults, self.figures)
        client.PATIENCE = 400
        answer = await client.ask(path, "POST", {"Authorization": f"Bearer {self.token}"}, allowed)
        client.close()
        return json.loads(answer.content) if answer else None
