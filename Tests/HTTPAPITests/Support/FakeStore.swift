import Glibc
import HTTPAPI
import MarketData
import Synchronization

@testable import TickerStore

/// Maintenance that only remembers what it was asked for.
final class FakeStore: StoreAdministration {
    private let calls = Mutex<[String]>([])
    private let failure = Mutex<StoreError?>(nil)
    private let gate = Mutex(true)

    /// What was asked, in order.
    var asked: [String] { calls.withLock { $0 } }

    /// From now on everything fails.
    func fail(_ error: StoreError) { failure.withLock { $0 = error } }

    /// From now on work waits for `release`.
    func hold() { gate.withLock { $0 = false } }
    func release() { gate.withLock { $0 = true } }

    func compact() throws(StoreError) -> CompactionReport {
        try note("compact")
        var report = CompactionReport()
        (report.segmentsBefore, report.segmentsAfter) = (5, 2)
        (report.bytesBefore, report.bytesAfter, report.deadRowsDropped, report.deadRecordsDropped) = (5_000, 2_000, 30, 4)
        return report
    }

    func backup(to path: String, copy: Bool, extras: [String]) throws(StoreError) -> BackupReport {
        try note("backup \(path) \(copy) \(extras.joined(separator: ","))")
        var report = BackupReport(path: path)
        (report.files, report.bytes, report.isLinked, report.rows, report.lastLSN) = (4, 4_000, !copy, 510, 12)
        return report
    }

    func seal() throws(StoreError) { try note("seal") }

    func commit(_ batch: Batch) throws(StoreError) -> CommitCounts {
        try note("commit \(batch.origin.runID) \(batch.origin.number) \(batch.origin.source) \(batch.rows.count)")
        var counts = CommitCounts()
        counts.inserted = batch.rows.count
        return counts
    }

    // MARK: Quarantine

    /// What waits, newest first.
    private static let waiting = (1...3).map { number in
        WaitingRecord(
            id: RecordDigest(high: number == 3 ? 0xAB : 0xCD, low: UInt64(number)),
            source: "csv",
            recordedAt: Timestamp(milliseconds: 1_700_000_000_000 - Int64(number)),
            runID: "etl_1",
            batch: number,
            place: "a.csv",
            position: number,
            reasons: ["bad_number"],
            content: number == 2 ? [0xFF] : Array("x,\(number)".utf8),
            header: Array("a,b".utf8)
        )
    }

    func quarantined(source: String?, reason: String?, before: QuarantinePosition?, limit: Int) throws(StoreError) -> QuarantinePage {
        try note("quarantined \(source ?? "-") \(reason ?? "-") \(before?.text ?? "-") \(limit)")
        var page = QuarantinePage()
        page.records = Array(Self.waiting.prefix(limit))
        if limit < Self.waiting.count { page.next = page.records.last?.placeInOrder }
        return page
    }

    func quarantined(abbreviated id: String) throws(StoreError) -> QuarantineMatch {
        try note("show \(id)")
        let found = Self.waiting.filter { $0.id.hexadecimal.hasPrefix(id) }
        return found.count > 1 ? .several(found.map(\.id)) : found.first.map { .record($0) } ?? (id.contains("x") ? .malformed : .nothing)
    }

    func countQuarantined(_ filter: QuarantineFilter) throws(StoreError) -> Int {
        try note("count \(filter.source ?? "-") \(filter.reason ?? "-") \(filter.recordedBefore?.description ?? "-")")
        return 3
    }

    func purgeQuarantined(_ filter: QuarantineFilter) throws(StoreError) -> Int {
        try note("purge \(filter.source ?? "-") \(filter.reason ?? "-") \(filter.recordedBefore?.description ?? "-")")
        return 3
    }

    private func note(_ call: String) throws(StoreError) {
        calls.withLock { $0.append(call) }
        // The caller is a thread of its own, which may block.
        while !gate.withLock({ $0 }) { usleep(1_000) }
        if let failure = failure.withLock({ $0 }) { throw failure }
    }
}
