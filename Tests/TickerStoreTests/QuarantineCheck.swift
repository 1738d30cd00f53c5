import MarketData

@testable import TickerStore

/// Compares what readers see of the quarantine with the model.
enum QuarantineCheck {
    /// Turns all pages, filtered and not, walks from the oldest on, and looks records up.
    static func run(_ store: StoreUnderTest, limit: Int) throws {
        let snapshot = store.snapshot
        let numbers = store.model.waiting.keys
        for reason in [nil, "bad_number"] {
            let expected = numbers.filter { reason == nil || TestBatch.reasons($0).contains(reason!) }.compactMap { store.model.waiting[$0] }
            let found = try pages(snapshot, reason: reason, limit: limit)
            if found.map(line).sorted() != expected.sorted() {
                store.report("the pages of the quarantine have \(found.count) records, not \(expected.count)")
            }
            let isSorted = zip(found, found.dropFirst()).allSatisfy { ($0.recordedAt, $0.id) > ($1.recordedAt, $1.id) }
            if !isSorted { store.report("the quarantine is out of order") }
            let oldest = try walk(snapshot, QuarantineFilter(reason: reason))
            if oldest.sorted() != expected.sorted() {
                store.report("a walk through the quarantine has \(oldest.count) records, not \(expected.count)")
            }
        }
        if try pages(snapshot, source: "other", limit: limit).count > 0 { store.report("a source that has no quarantined records has some") }
        for number in 0..<60 where try snapshot.quarantined(id: TestBatch.digest(number)).map(line) != store.model.waiting[number] {
            store.report("quarantined record \(number) is not found as it should be")
        }
        var walk = try QuarantineWalk(snapshot, QuarantineFilter())
        if try walk.count() != numbers.count { store.report("a walk counts wrong") }
        let ids = snapshot.quarantinedIDs(abbreviated: "0", limit: 100)
        if ids != numbers.map(TestBatch.digest).filter({ $0.hexadecimal.hasPrefix("0") }).sorted() {
            store.report("abbreviated ids find \(ids ?? [])")
        }
    }

    static func pages(_ snapshot: Snapshot, source: String? = nil, reason: String? = nil, limit: Int) throws -> [WaitingRecord] {
        var found: [WaitingRecord] = []
        var position: QuarantinePosition?
        repeat {
            let page = try snapshot.quarantined(source: source, reason: reason, before: position, limit: limit)
            found += page.records
            // As a client brings it back.
            position = page.next.flatMap { QuarantinePosition($0.text) }
        } while position != nil
        return found
    }

    static func walk(_ snapshot: Snapshot, _ filter: QuarantineFilter = QuarantineFilter()) throws -> [String] {
        var walk = try QuarantineWalk(snapshot, filter)
        var found: [String] = []
        while true {
            let records = try walk.next(atMost: 7)
            if records.isEmpty { return found }
            found += records.map(line)
        }
    }

    static func line(_ record: WaitingRecord) -> String {
        var line: [UInt8] = []
        record.appendLine(to: &line)
        return StoreModel.withoutLSN(line)
    }
}

/// Compares raw records with what the rows were made of.
enum RawCheck {
    /// - Parameter number: Of the row to look at, counted around.
    static func run(_ store: StoreUnderTest, _ number: Int) throws {
        let rows = store.model.sorted
        if rows.isEmpty { return }
        let row = rows[number % rows.count]
        var found = try store.snapshot.rawRecord(of: row.key, timestamp: Timestamp(milliseconds: row.milliseconds))
        let expected = store.model.newestRaw[StoreModel.Key(milliseconds: row.milliseconds, series: row.key)]
        found?.lsn = nil
        // Raw records may have expired.
        if store.options.retention.raw == nil, found != expected {
            store.report("the newest raw record of \(row) is said to be \(String(describing: found)), not \(String(describing: expected))")
        }
        if let found, let expected, found.batch == expected.batch, found != expected {
            store.report("the raw record of \(row) is \(found), not \(expected)")
        }
    }
}
