import Foundation
import MarketData
import Testing

@testable import TickerStore

/// Data directories as earlier programs wrote them, kept in `testdata/golden`. Every later program opens them and finds the same.
@Suite struct GoldenTests {
    static let golden = URL(fileURLWithPath: #filePath).deletingLastPathComponent().appendingPathComponent("../../testdata/golden")
        .standardizedFileURL

    /// Format 1: nothing sealed, no orderly stop; segments of all families, dead rows, and a log behind them; the same with indexes of version 2.
    static let names = ["format-1-log", "format-1-segments", "format-1-index-2-segments"]
    /// Format 1 with quarantined records that have headers, and with such that were taken out of segments and of the log.
    static let quarantine = "format-1-quarantine"

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

    static func fillQuarantine(_ engine: StoreEngine) throws {
        for part in 0..<3 {
            var batch = Batch(SealTests.rows(part * 35..<part * 35 + 5), number: part + 1)
            batch.quarantined = (0..<6).map { number in
                QuarantinedRecord(
                    content: number == 5 ? [0xFF, 0x00, 0x0A] : Array("BTC,n/a,\(number)".utf8),
                    reasons: ["bad_number"],
                    place: "golden.csv",
                    position: part * 6 + number,
                    digest: RecordDigest(high: 0xABCD, low: UInt64(part * 6 + number)),
                    header: number % 2 == 0 ? [] : number == 5 ? [0xFE, 0x2C] : Array("symbol,\"price\",rank".utf8)
                )
            }
            batch.removed = part == 0 ? [] : [part * 6 - 1, part * 6 - 6].map { RecordDigest(high: 0xABCD, low: UInt64($0)) }
            _ = try engine.commit([batch])[0].get()
            if part < 2 { try engine.sealAll() }
        }
        var batch = Batch([])
        batch.removed = [2, 13].map { RecordDigest(high: 0xABCD, low: UInt64($0)) }
        _ = try engine.commit([batch])[0].get()
    }

    /// Writes the directories that are not there; only for a new format.
    @Test(
        .enabled(if: ProcessInfo.processInfo.environment["KASPARRO_WRITE_GOLDEN"] != nil, "the golden directories are written once for each format")
    )
    func write() throws {
        for name in Self.names + [Self.quarantine] {
            let path = Self.golden.appendingPathComponent(name).path
            if FileManager.default.fileExists(atPath: path) { continue }
            let engine = try StoreEngine(path: path, fileSystem: PosixFileSystem(), options: .test(logFileBytes: 4_096))
            let lines: [String]
            if name == Self.quarantine {
                try Self.fillQuarantine(engine)
                lines = try QuarantineCheck.walk(engine.snapshot())
            } else {
                try Self.fill(engine, sealing: name.hasSuffix("segments"))
                lines = try engine.snapshot().lines()
            }
            try (lines.joined(separator: "\n") + "\n").write(toFile: path + ".jsonl", atomically: true, encoding: .utf8)
        }
    }

    @Test func theQuarantineIsAsItWasLeft() throws {
        let copy = FileManager.default.temporaryDirectory.appendingPathComponent("kasparro-golden-\(UUID().uuidString)")
        defer { try? FileManager.default.removeItem(at: copy) }
        try FileManager.default.copyItem(at: Self.golden.appendingPathComponent(Self.quarantine), to: copy)
        let expected = try String(contentsOf: Self.golden.appendingPathComponent(Self.quarantine + ".jsonl"), encoding: .utf8).split(separator: "\n")
        #expect(expected.count == 12, "of eighteen records six were taken out")
        let report = try StoreVerification.run(path: copy.path, fileSystem: PosixFileSystem(), deep: true)
        #expect(report.isClean, "\(report.findings)")
        let engine = try StoreEngine(path: copy.path, fileSystem: PosixFileSystem(), options: .test(logFileBytes: 4_096))
        #expect(try QuarantineCheck.walk(engine.snapshot()) == expected.map(String.init))
        #expect(engine.snapshot().counts.quarantined == expected.count)
        try engine.sealAll()
        engine.wantCompaction()
        while try engine.runJob() {}
        #expect(try QuarantineCheck.walk(engine.snapshot()).sorted() == expected.map(String.init).sorted())
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
