package import MarketData
package import TickerStore

/// What became of the rows of an import.
package struct ImportReport: Sendable, Equatable {
    package var rows = 0
    package var inserted = 0
    /// They took the place of rows with the same identity and other content.
    package var updated = 0
    /// They were there already.
    package var skipped = 0
    package var batches = 0

    package init() {}

    /// Counts a batch that was committed.
    package mutating func add(_ counts: CommitCounts, batch: Batch) {
        rows += batch.rows.count
        inserted += counts.inserted
        updated += counts.updated
        skipped += counts.skipped
        batches += 1
    }

    /// Counts what another report counts.
    package mutating func add(_ other: ImportReport) {
        rows += other.rows
        inserted += other.inserted
        updated += other.updated
        skipped += other.skipped
        batches += other.batches
    }

    /// Appends the members of a report's object to one that is open.
    package func appendMembers(to writer: inout JSONWriter) {
        writer.member("rows", rows)
        writer.member("inserted", inserted)
        writer.member("updated", updated)
        writer.member("skipped", skipped)
        writer.member("batches", batches)
    }

    /// From such an object.
    package init?(_ value: JSONValue) {
        func number(_ name: String) -> Int? { value.member(name)?.integer.map(Int.init) }
        guard let rows = number("rows"), let inserted = number("inserted"), let updated = number("updated"), let skipped = number("skipped"),
            let batches = number("batches")
        else { return nil }
        (self.rows, self.inserted, self.updated, self.skipped, self.batches) = (rows, inserted, updated, skipped, batches)
    }
}
