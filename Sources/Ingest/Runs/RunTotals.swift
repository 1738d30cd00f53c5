package import MarketData

/// Sums over the batches of one source in a run.
package struct RunTotals: Sendable, Equatable {
    package var batches = 0
    /// Records that went into the batches.
    package var rows = 0
    package var inserted = 0
    package var updated = 0
    /// Rows that were there with the same content.
    package var skipped = 0
    package var quarantined = 0
    /// Rows older than rows are kept.
    package var tooOld = 0
    /// Outliers that were found, stored or only counted.
    package var outliers = 0
    /// Stored rows that were not tested, because their series has newer ones.
    package var outliersUntested = 0

    package init() {}

    mutating func add(_ summary: RunRecord.BatchSummary) {
        batches += 1
        rows += summary.rows
        inserted += summary.inserted
        updated += summary.updated
        skipped += summary.skipped
        quarantined += summary.quarantined
        tooOld += summary.tooOld
        outliers += summary.outliers
        outliersUntested += summary.outliersUntested
    }
}

extension RunTotals {
    private static let members: [(name: String, field: any WritableKeyPath<RunTotals, Int> & Sendable)] = [
        ("batches", \.batches), ("rows", \.rows), ("inserted", \.inserted), ("updated", \.updated), ("skipped", \.skipped),
        ("quarantined", \.quarantined), ("too_old", \.tooOld), ("outliers", \.outliers), ("outliers_untested", \.outliersUntested),
    ]

    /// Writes an object: source name → its sums.
    static func append(_ totals: [String: RunTotals], to writer: inout JSONWriter) {
        writer.beginObject()
        for (source, sums) in totals.sorted(by: { $0.key < $1.key }) {
            writer.key(source)
            writer.beginObject()
            sums.appendMembers(to: &writer)
            writer.endObject()
        }
        writer.endObject()
    }

    /// Writes the members of an object that is open.
    func appendMembers(to writer: inout JSONWriter) {
        for member in Self.members { writer.member(member.name, self[keyPath: member.field]) }
    }

    /// What `append` wrote; members that are missing count as 0.
    package static func read(_ value: JSONValue) -> [String: RunTotals] {
        var totals: [String: RunTotals] = [:]
        for (key, value) in value.members {
            guard let source = key.string else { continue }
            var sums = RunTotals()
            for member in members { sums[keyPath: member.field] = Int(value.member(member.name)?.integer ?? 0) }
            totals[source] = sums
        }
        return totals
    }
}
