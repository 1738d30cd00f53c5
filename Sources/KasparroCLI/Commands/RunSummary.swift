import Ingest
import MarketData

/// A run in a few lines of text, whether it was this process's own or is told by a server.
struct RunSummary {
    private struct Counts {
        var rows = 0
        var inserted = 0
        var updated = 0
        var skipped = 0
        var quarantined = 0
        var tooOld = 0

        var text: String {
            "\(rows) read, \(inserted) new, \(updated) updated, \(skipped) skipped, \(quarantined) quarantined"
                + (tooOld > 0 ? ", \(tooOld) too old" : "")
        }

        static func += (sum: inout Counts, other: Counts) {
            sum.rows += other.rows
            sum.inserted += other.inserted
            sum.updated += other.updated
            sum.skipped += other.skipped
            sum.quarantined += other.quarantined
            sum.tooOld += other.tooOld
        }
    }

    let runID: String
    let status: String
    private let milliseconds: Int64
    /// What came of each source, or of all of them.
    private var parts: [(name: String, counts: Counts)]
    /// Records of files that were not read again.
    private let remembered: Int
    private let errors: [(source: String, message: String)]

    init(_ record: RunRecord) {
        runID = record.runID
        status = record.status.rawValue
        milliseconds = record.durationMilliseconds ?? 0
        parts = record.sources.map { source in
            let sums = record.totals[source] ?? RunTotals()
            let counts = Counts(
                rows: sums.rows,
                inserted: sums.inserted,
                updated: sums.updated,
                skipped: sums.skipped,
                quarantined: sums.quarantined,
                tooOld: sums.tooOld
            )
            return (source, counts)
        }
        remembered = record.remembered
        errors = record.errors.map { ($0.source, $0.message) }
    }

    /// From a run as `/runs/{id}` shows it; nil when it is not one.
    init?(_ value: JSONValue) {
        func number(_ name: String, of value: JSONValue?) -> Int { Int(value?.member(name)?.integer ?? 0) }
        guard let runID = value.member("run_id")?.string, let status = value.member("status")?.string, let statistics = value.member("stats")
        else { return nil }
        self.runID = runID
        self.status = status
        milliseconds = value.member("duration_ms")?.integer ?? 0
        remembered = number("skipped", of: statistics) - number("duplicates", of: statistics)
        errors = (value.member("errors")?.elements.map { ($0.member("source")?.string ?? "", $0.member("message")?.string ?? "") }) ?? []
        let batches = value.member("batches")
        if number("batches_total", of: value) > batches?.count ?? 0 {
            // Of a long run only the last batches are told, but the totals of all.
            let all = Counts(
                rows: number("extracted", of: statistics),
                inserted: number("inserted", of: statistics),
                updated: number("loaded", of: statistics) - number("inserted", of: statistics),
                skipped: number("duplicates", of: statistics),
                quarantined: number("quarantined", of: statistics),
                tooOld: number("too_old", of: statistics)
            )
            parts = [(value.member("source")?.string ?? "all", all)]
            return
        }
        parts = value.member("sources")?.elements.compactMap { $0.string.map { ($0, Counts()) } } ?? []
        for batch in batches?.elements.map({ $0 }) ?? [] {
            add(
                Counts(
                    rows: number("rows", of: batch),
                    inserted: number("inserted", of: batch),
                    updated: number("updated", of: batch),
                    skipped: number("skipped", of: batch),
                    quarantined: number("quarantined", of: batch),
                    tooOld: number("too_old", of: batch)
                ),
                of: batch.member("source")?.string ?? ""
            )
        }
    }

    var text: String {
        var lines = ["run \(runID): \(status) in \(milliseconds) ms"]
        for part in parts { lines.append("  \(part.name): \(part.counts.text)") }
        if remembered > 0 { lines.append("  \(remembered) records of unchanged files were not read again") }
        for error in errors { lines.append("  error: \(error.source): \(error.message)") }
        return lines.joined(separator: "\n")
    }

    private mutating func add(_ counts: Counts, of source: String) {
        guard let place = parts.firstIndex(where: { $0.name == source }) else { return }
        parts[place].counts += counts
    }
}
