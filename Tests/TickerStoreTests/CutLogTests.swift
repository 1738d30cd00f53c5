import MarketData
import Testing

@testable import TickerStore

/// Somebody cuts the log file that a store has open, and the store goes on writing behind the hole: what is in the hole is never given to anybody.
@Suite struct CutLogTests {
    private static let batches: [[TestRow]] = (0..<3).map { batch in
        (0..<3).map { TestRow(symbol: "C\($0)", milliseconds: Int64(1_700_000_000_000 + batch * 1_000), price: "\(batch + 1).\($0)") }
    }

    /// Lines of every way there is to read all rows; nil for one that refuses.
    private static func readings(_ snapshot: Snapshot) -> [[String]?] {
        func lines(_ bytes: [UInt8]) -> [String] { String(decoding: bytes, as: UTF8.self).split(separator: "\n").map(String.init).sorted() }
        func scan(isInOrder: Bool) -> [String]? {
            try? {
                var scan = try LineScan(snapshot, RowQuery(), isInOrder: isInOrder)
                var bytes: [UInt8] = []
                while try scan.next(bytes.count + 1 << 16, to: &bytes) > 0 {}
                return lines(bytes)
            }()
        }
        return [try? snapshot.lines().sorted(), scan(isInOrder: false), scan(isInOrder: true)]
    }

    /// A cut at every byte.
    @Test func zerosAreNeverTakenForRows() throws {
        let expected = Self.batches.flatMap { $0 }.map(\.line).sorted()
        var refused = 0
        let (disk, engine) = try Self.store()
        let whole = disk.content(LogDamageTests.path)
        let end = engine.writer.committedEnd
        for cut in 64..<end {
            disk.tamper(LogDamageTests.path) { $0 = whole[..<cut] + Array(repeating: 0, count: whole.count - cut) }
            for reading in Self.readings(engine.snapshot()) {
                guard let reading else {
                    refused += 1
                    continue
                }
                #expect(reading == expected, "cut at \(cut)")
            }
        }
        #expect(refused > 0)
    }

    @Test func theRefusalNamesFileAndOffset() throws {
        let (disk, engine) = try Self.store()
        let end = engine.writer.committedEnd
        disk.tamper(LogDamageTests.path) { bytes in for place in 100..<end { bytes[place] = 0 } }
        let error = #expect(throws: StoreError.self) { try engine.snapshot().lines() }
        #expect(error?.kind == .corrupt && error?.message.contains(LogDamageTests.path) == true && error?.message.contains("offset ") == true)
    }

    @Test func aRawRecordThatIsCutIsRefused() throws {
        var found = 0
        let row = Self.batches[2][1]
        let (disk, engine) = try Self.store()
        let whole = disk.content(LogDamageTests.path)
        let record = try RawRecordTests.raw(engine, row)
        let end = engine.writer.committedEnd
        for cut in end - 400..<end {
            disk.tamper(LogDamageTests.path) { $0 = whole[..<cut] + Array(repeating: 0, count: whole.count - cut) }
            guard let raw = try? RawRecordTests.raw(engine, row) else { continue }
            #expect(raw == record, "cut at \(cut)")
            found += 1
        }
        // What is behind the record may be cut.
        #expect(found > 0 && found < 400, "\(found) of 400 were given")
    }

    private static func store() throws -> (disk: SimulatedFileSystem, engine: StoreEngine) {
        let disk = SimulatedFileSystem()
        let engine = try StoreEngine(disk, logFileBytes: 16_384)
        for (number, rows) in batches.enumerated() { try engine.commit(rows, number: number) }
        return (disk, engine)
    }
}
