"""What a round counted, and the report of one screen."""

import collections
import re
import statistics


def percentile(values, share):
    return sorted(values)[min(len(values) - 1, int(len(values) * share))] if values else 0.0


class Figures:
    def __init__(self):
        self.statuses = collections.Counter()
        self.data_milliseconds = []
        self.cut = 0
        self.walks = self.walked_rows = 0
        self.exports = self.exported_rows = 0
        self.backups = self.compactions = self.replays = self.reloads = 0
        self.events = self.resets = self.lagged = 0
        # Of the life without kills.
        self.samples = []
        self.calm_from = float("inf")
        self.disks = []
        self.notes = []

    def take(self, sample):
        if sample.at >= self.calm_from:
            self.samples.append(sample)

    def answered(self, path, answer):
        self.statuses[answer.status] += 1
        if path.startswith("/data?"):
            self.data_milliseconds.append(answer.milliseconds)

    def flatness(self, get, at_least):
        """Medians of the first and the last third behind the warm-up; whether the last is at most a fifth, or `at_least`, more."""
        values = [get(sample) for sample in self.samples]
        values = values[len(values) // 8:]
        third = len(values) // 3
        if third == 0:
            return 0, 0, True
        first, last = statistics.median(values[:third]), statistics.median(values[-third:])
        return first, last, last <= max(first * 1.2, first + at_least)


def bucket(metrics, series, share):
    """The bound of the bucket of a histogram that holds this share of its values, from an exposition."""
    counts = collections.Counter()
    for name, le, count in re.findall(r'^(\S+_bucket)\{[^}]*\ble="([^"]+)"[^}]*\} (\S+)$', metrics, re.M):
        if name == series + "_bucket":
            counts[float(le)] += float(count)
    return next((le for le in sorted(counts) if counts[le] >= share * counts[float("inf")]), 0.0)


def memory(metrics):
    """The process's own memory in bytes, by use."""
    return {use: float(size) for use, size in re.findall(r'^kasparro_memory_bytes\{use="([^"]+)"\} (\S+)$', metrics, re.M)}


def counted(counter):
    return ", ".join(f"{name} {count}" for name, count in collections.Counter(counter).most_common() if count)


def folded(name, text, width=118):
    """A figure over as many lines as it takes."""
    lines, line = [], ""
    for word in text.split(" "):
        if line and len(line) + len(word) + 1 > width:
            lines.append(line)
            line = word
        else:
            line = f"{line} {word}" if line else word
    return "\n".join(f"{name if index == 0 else '':<12} {line}" for index, line in enumerate([*lines, line]))


def report(*, seed, minutes, binary, faults, figures, server, upstream, inbox, model, ending):
    """The text of the report."""
    milliseconds = [seconds * 1000 for seconds in server.ready]
    samples = figures.samples
    lines = [
        folded("round", f"KASPARRO_SEED={seed}, {minutes:g} minutes, {binary}"),
        folded("rows", f"{ending.get('rows', '?')} stored, {len(model.identities)} sent, {ending.get('acknowledged', '?')} of runs that said they had stored them, {len(model.revised)} of them with several contents; "
            f"seen by clients before the end {len(model.seen)}"),
        folded("runs", f"{ending.get('runs', '?')}: {counted(ending.get('statuses', {}))}; inserted {ending.get('inserted', '?')}, updated "
            f"{ending.get('updated', '?')}, skipped {ending.get('skipped', '?')}; quarantined now {ending.get('quarantined', '?')}"),
        folded("sources", f"requests {counted(upstream.requests)}; files {counted(inbox.made)}; alerts {counted(upstream.alerts) or 'none'}"),
        folded("answers", counted(upstream.counts)),
        folded("server", f"{len(server.kills)} kills, {server.stops} stops of at most {max(server.stop_seconds, default=0):.1f} s, "
            f"{figures.reloads} reloads; ready after {percentile(milliseconds, 0.5):.0f} ms in the middle, {max(milliseconds, default=0):.0f} ms at most"),
        folded("clients", f"answers {counted(figures.statuses)}; {figures.cut} cut off by kills and stops; /data within "
            f"{percentile(figures.data_milliseconds, 0.5):.1f} ms for half, {percentile(figures.data_milliseconds, 0.99):.1f} ms for 99 % as "
            f"they see it, the server answers 99 % within {ending.get('served_milliseconds', 0):g} ms"),
        folded("walks", f"{figures.walks} over {figures.walked_rows} rows; {figures.exports} exports of {figures.exported_rows} rows; "
            f"streams: {figures.events} events, {figures.resets} resets, {figures.lagged} lagged"),
        folded("upkeep", f"{figures.compactions} compactions, {figures.backups} backups verified, {figures.replays} replays of the quarantine"),
    ]
    if samples:
        rss, anonymous, files = ([get(sample) for sample in samples] for get in (lambda s: s.rss, lambda s: s.anonymous, lambda s: s.files))
        lines += [
            folded("memory", f"while nothing was killed, {samples[-1].at - samples[0].at:.0f} s: RSS {rss[0] // 1024} MB at the begin, "
                f"{rss[-1] // 1024} at the end, {max(rss) // 1024} at most; RssAnon {anonymous[0] // 1024}, {anonymous[-1] // 1024}, {max(anonymous) // 1024}; "
                f"{max(s.threads for s in samples)} threads; medians of the first and the last third {ending.get('flat_memory', '?')}; "
                f"in the end, without clients, {ending.get('memory', '?')}"),
            folded("files", f"open {files[0]} at the begin, {files[-1]} at the end, {max(files)} at most; medians {ending.get('flat_files', '?')}; "
                f"without clients {ending.get('idle_files', '?')}"),
        ]
    lines += [
        folded("disk", ending.get("disk", "?")),
        folded("verify", ending.get("verify", "?")),
        *(folded("note", note) for note in figures.notes),
        folded("wrong", f"{faults.count} things" if faults.count else "nothing"),
        *(f"  {text[:400]}" for text in faults.texts[:40]),
    ]
    return "\n".join(lines) + "\n"
