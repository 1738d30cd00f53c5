import Foundation
import MarketData
import Testing

@testable import TickerStore

/// Data directories as earlier programs wrote them, kept in `testdata/golden`. Every later program opens them and finds the same.
@Suite struct GoldenTests {
    static let golden = URL(fileURLWithPath: #filePath).deletingLastPathComponent().appendingPathComponent("../../testdata/golden")
        .standardizedFileURL

    /// Format 1: nothing sealed, no orderly stop; segments of all families, dead rows, and a log behind them.
    static let names = ["format-1-log", "format-1-segments"]

    static func fill(_ engine: StoreEngine, sealing: Bool) throws {
        for part in 0..<4 {
            var batch = Batch(SealTests.rows(part * 35..<part * 35 + 35) + SealTests.rows(0..<part * 3, price: "\(part).50"), number: part + 1)
            batch.quarantined = [
                QuarantinedRecord(
                    content: part == 1 ? [0xFF, 0x00, 0x0A] : Array("{\"price\":\"n/a\",\n\"part\":\(part)}".utf8),
                    reasons: ["bad_number", "missing_timestamp"],
                    place: "golden.csv",
                    position: part,
                    digest: RecordDigest(high: 0xABCD, low: UInt64(part))
                )
            ]
            batch.records = [
                LineRecord(family: .runs, position: Int64(part + 1), line: Array("{\"sequence\":\(part + 1),\"run_id\":\"etl_golden\"}".utf8))
            ]
            _ = try engine.commit([batch])[0].get()
            if sealing, part < 3 { try engine.sealAll() }
        }
    }

    /// Writes the directories anew; only for a new format.
    @Test(
        .enabled(if: ProcessInfo.processInfo.environment["KASPARRO_WRITE_GOLDEN"] != nil, "the golden directories are written once for each format")
    )
    func write() throws {
        for name in Self.names {
            let path = Self.golden.appendingPathComponent(name).path
            try? FileManager.default.removeItem(atPath: path)
            let engine = try StoreEngine(path: path, fileSystem: PosixFileSystem(), options: .test(logFileBytes: 4_096))
            try Self.fill(engine, sealing: name.hasSuffix("segments"))
            try (engine.snapshot().lines().joined(separator: "\n") + "\n").write(toFile: path + ".jsonl", atomically: true, encoding: .utf8)
        }
    }

    @Test(arguments: names) func opensAsItWasLeft(name: String) throws {
        let copy = FileManager.default.temporaryDirectory.appendingPathComponent("kasparro-golden-\(UUID().uuidString)")
        defer { try? FileManager.default.removeItem(at: copy) }
        try FileManager.default.copyItem(at: Self.golden.appendingPathComponent(name), to: copy)
        let expected = try String(contentsOf: Self.golden.appendingPathComponent(name + ".jsonl"), encoding: .utf8).split(separator: "\n").map(
            String.init
        )

        let report = try StoreVerification.run(path: copy.path, fileSystem: PosixFileSystem(), deep: true)
        #expect(report.isClean && report.rows == expected.count, "\(report.findings)")
        let engine = try StoreEngine(path: copy.path, fileSystem: PosixFileSystem(), options: .test(logFileBytes: 4_096))
        #expect(try engine.snapshot().lines() == expected)
        #expect(engine.snapshot().counts.quarantined == 4)
        #expect(try engine.snapshot().records(.runs, limit: 10).map(\.position) == [4, 3, 2, 1])
        #expect(engine.state(prefix: "batch/").count == 4)
        #expect(try engine.commit(SealTests.rows(0..<140)).skipped == 140 - 9, "of the rows nine were updated")
        try engine.sealAll()
        #expect(try StoreVerification.run(path: copy.path, fileSystem: PosixFileSystem(), deep: true).isClean)
    }
}
