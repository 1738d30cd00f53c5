import MarketData
import TestSupport
import Testing

@testable import TickerStore

/// A store with several segments of all families, dead rows among them, and a log with batches behind them.
enum ToolsFixture {
    static let path = "data"

    /// The disk as it is after a stop.
    ///
    /// - Parameter isClean: Whether the stop was an orderly one.
    static func disk(isClean: Bool = true, blocks: Bool = false) throws -> SimulatedFileSystem {
        let disk = SimulatedFileSystem()
        var options = StoreOptions.test(logFileBytes: 1 << 15)
        options.maximumGroupRows = 16
        options.maximumSegmentRows = 64
        let engine = try StoreEngine(path: path, fileSystem: disk, options: options)
        for round in 0..<3 {
            for number in 0..<3 { _ = try engine.commit([batch(round * 3 + number, large: blocks)])[0].get() }
            try seal(engine)
        }
        for number in 9..<12 { _ = try engine.commit([batch(number)])[0].get() }
        engine.idle()
        if isClean {
            try engine.close()
        } else {
            engine.lock = nil
        }
        return disk.copy()
    }

    /// Rows new and old, a quarantined record, a run and an outlier.
    static func batch(_ number: Int, large: Bool = false) -> Batch {
        var rows = (0..<14).map {
            TestRow(symbol: "C\($0 % 5)", milliseconds: Int64(1_700_000_000_000 + number * 60_000 + $0 * 1_000), price: "\(number).\($0)")
        }
        // What came before is replaced here and there.
        if number > 0 {
            for row in stride(from: 0, to: 14, by: 4) {
                let old = 1_700_000_000_000 + (number - 1) * 60_000 + row * 1_000
                rows.append(TestRow(symbol: "C\(row % 5)", milliseconds: Int64(old), price: "99.\(number)"))
            }
        }
        if large {
            // Lines that do not compress, so that a group has several blocks.
            for index in rows.indices {
                // A row and the one that replaces it have the same key.
                var random = SplitMix64(seed: UInt64(rows[index].milliseconds))
                rows[index].source = "s" + String((0..<90).map { _ in "abcdefghijklmnop".randomElement(using: &random)! })
            }
        }
        var batch = Batch(rows, number: number)
        batch.quarantined = [
            QuarantinedRecord(
                content: Array("a,\(number)".utf8),
                reasons: ["ragged_row"],
                place: "x.csv",
                position: number,
                digest: RecordDigest(high: UInt64(number), low: 2)
            )
        ]
        let run = #"{"run_id":"etl_\#(number)","sequence":\#(number),"started_at":"2024-01-01T00:00:00Z"}"#
        let time = Timestamp(milliseconds: 1_700_000_000_000 + Int64(number))
        let outlier = #"{"symbol":"C1","source":"csv","source_id":"C1","timestamp":"\#(time)","z":5}"#
        batch.records = [
            LineRecord(family: .runs, position: Int64(number), line: Array(run.utf8)),
            LineRecord(
                family: .outliers,
                series: SeriesKey(symbol: "C1", source: "csv", sourceID: "C1"),
                position: time.milliseconds,
                line: Array(outlier.utf8)
            ),
        ]
        return batch
    }

    static func seal(_ engine: StoreEngine) throws {
        engine.maintenance.isSealForced = true
        let job = try #require(engine.nextJob(ignoresRetry: true, sealOnly: true))
        let obsolete = try engine.finish(job.run())
        for path in obsolete { try engine.directory.fileSystem.remove(path) }
    }

    static func open(_ disk: SimulatedFileSystem) throws(StoreError) -> StoreEngine {
        try StoreEngine(path: path, fileSystem: disk, options: .test(logFileBytes: 1 << 15))
    }

    /// Everything a reader can see: rows, numbers of the other records, state.
    static func content(_ disk: SimulatedFileSystem) throws -> [String] {
        let engine = try open(disk.copy())
        let snapshot = engine.snapshot()
        let counts = "\(snapshot.counts.rows) rows, \(snapshot.counts.rawRecords) raw, \(snapshot.counts.quarantined) quarantined"
        let state = engine.state(prefix: "").map { "\($0.key)=\(String(decoding: $0.value, as: UTF8.self))" }
        return try snapshot.lines() + [counts] + state
    }

    static func verify(_ disk: SimulatedFileSystem, deep: Bool = true) throws(StoreError) -> VerifyReport {
        try StoreVerification.run(path: path, fileSystem: disk, deep: deep)
    }

    /// The files that are the store's data.
    static func dataFiles(_ disk: SimulatedFileSystem) -> [String] {
        disk.paths.filter { !$0.hasSuffix("/LOCK") && !$0.contains("/set-aside/") }
    }

    /// Every file's bytes but the lock's.
    static func image(_ disk: SimulatedFileSystem) -> [String: [UInt8]] {
        Dictionary(uniqueKeysWithValues: disk.paths.filter { !$0.hasSuffix("/LOCK") }.map { ($0, disk.content($0)) })
    }
}
