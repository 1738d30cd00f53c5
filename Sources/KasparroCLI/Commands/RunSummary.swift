import Ingest
import MarketData

/// A finished run as text for people: a table of its sources, then what went wrong and what to do about it.
struct RunSummary {
    let runID: String
    let status: String
    private let milliseconds: Int64
    private let sources: [(name: String, status: String, sums: RunTotals)]
    /// Records of files that were not read again.
    private let remembered: Int
    private let errors: [(source: String, message: String)]
    /// Errors that the record only counts.
    private let errorsLeftOut: Int

    /// From a run as `/runs/{id}` shows it; nil when it is not one.
    init?(_ run: JSONValue) {
        guard let runID = run.member("run_id")?.string, let status = run.member("status")?.string, let bySource = run.member("by_source"),
            let statistics = run.member("stats")
        else { return nil }
        self.runID = runID
        self.status = status
        milliseconds = run.member("duration_ms")?.integer ?? 0
        let sums = RunTotals.read(bySource)
        sources = bySource.members.map { name, source in
            let name = name.string ?? ""
            return (name, source.member("status")?.string ?? "", sums[name] ?? RunTotals())
        }
        remembered = Int((statistics.member("skipped")?.integer ?? 0) - (statistics.member("duplicates")?.integer ?? 0))
        errors = run.member("errors")?.elements.map { ($0.member("source")?.string ?? "", $0.member("message")?.string ?? "") } ?? []
        errorsLeftOut = max(0, Int(statistics.member("errors")?.integer ?? 0) - errors.count)
    }

    /// - Parameter dataDirectory: as the user names it.
    func text(dataDirectory: String) -> String {
        var lines = ["run \(runID): \(status) in \(milliseconds) ms"] + table
        if remembered > 0 {
            lines.append("\(groupedText(remembered, "record")) of unchanged files \(remembered == 1 ? "was" : "were") not read again")
        }
        lines += errors.map { "error: \($0.source): \($0.message)" }
        if errorsLeftOut > 0 {
            lines.append("\(groupedText(errorsLeftOut, "more error")) \(errorsLeftOut == 1 ? "is" : "are") counted and not listed")
        }
        lines += hints(dataDirectory).map { "hint: \($0)" }
        return lines.joined(separator: "\n")
    }

    private var table: [String] {
        var columns: [(title: String, field: KeyPath<RunTotals, Int>)] = [
            ("read", \.rows), ("new", \.inserted), ("updated", \.updated), ("skipped", \.skipped), ("quarantined", \.quarantined),
        ]
        // Most runs have none of these.
        for column in [("too old", \RunTotals.tooOld), ("outliers", \RunTotals.outliers)]
        where sources.contains(where: { $0.sums[keyPath: column.1] > 0 }) {
            columns.append(column)
        }
        var rows = [["source", "status"] + columns.map(\.title)]
        rows += sources.map { source in [source.name, source.status] + columns.map { groupedText(source.sums[keyPath: $0.field]) } }
        let widths = rows[0].indices.map { column in rows.map { $0[column].count }.max() ?? 0 }
        return rows.map { row in
            let cells = row.indices.map { row[$0].padded(to: widths[$0], isRight: $0 > 1) }
            return "  " + cells.joined(separator: "  ")
        }
    }

    private func hints(_ dataDirectory: String) -> [String] {
        func has(_ field: KeyPath<RunTotals, Int>) -> Bool { sources.contains { $0.sums[keyPath: field] > 0 } }
        var hints: [String] = []
        if has(\.quarantined) { hints.append("records in quarantine, with the reasons: kasparro quarantine list --data-dir '\(dataDirectory)'") }
        if has(\.outliers) {
            hints.append("outliers are stored like all rows and listed apart: zcat '\(dataDirectory)'/segments/outliers/*.jsonl.gz")
        }
        if sources.allSatisfy({ $0.status == SourceOutcome.nothing.rawValue }) {
            hints.append("there was nothing to do; put *.csv or *.csv.gz files into \(dataDirectory)/inbox")
        }
        return hints
    }
}
