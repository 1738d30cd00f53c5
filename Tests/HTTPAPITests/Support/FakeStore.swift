import Glibc
import HTTPAPI
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
        (report.bytesBefore, report.bytesAfter, report.deadRowsDropped) = (5_000, 2_000, 30)
        return report
    }

    func backup(to path: String, copy: Bool, extras: [String]) throws(StoreError) -> BackupReport {
        try note("backup \(path) \(copy) \(extras.joined(separator: ","))")
        var report = BackupReport(path: path)
        (report.files, report.bytes, report.isLinked, report.rows, report.lastLSN) = (4, 4_000, !copy, 510, 12)
        return report
    }

    func seal() throws(StoreError) { try note("seal") }

    private func note(_ call: String) throws(StoreError) {
        calls.withLock { $0.append(call) }
        // The caller is a thread of its own, which may block.
        while !gate.withLock({ $0 }) { usleep(1_000) }
        if let failure = failure.withLock({ $0 }) { throw failure }
    }
}
