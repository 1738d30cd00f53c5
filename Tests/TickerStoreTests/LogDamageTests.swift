import MarketData
import Testing

@testable import TickerStore

/// A log that was cut, flipped or overwritten gives an exact prefix of its batches, or a refusal that names file and offset; never other rows, never a trap.
@Suite struct LogDamageTests {
    static let batches: [[TestRow]] = (0..<5).map { batch in
        (0..<3).map { TestRow(symbol: "C\($0)", milliseconds: Int64(1_700_000_000_000 + batch * 1_000), price: "\(batch + 1).\($0)") }
    }
    static let path = "data/wal/0000000000000001.wal"

    /// A disk with five acknowledged batches, stopped without a goodbye.
    static func disk() throws -> SimulatedFileSystem {
        let disk = SimulatedFileSystem()
        let engine = try StoreEngine(disk, logFileBytes: 16_384)
        for (number, rows) in batches.enumerated() { try engine.commit(rows, number: number) }
        return disk.copy()
    }

    /// The lines after each whole number of batches.
    static func prefixes() -> [[String]] {
        (0...batches.count).map { count in batches.prefix(count).flatMap { $0 }.map(\.line) }
    }

    /// Opens a damaged disk; nil is a refusal.
    static func open(_ disk: SimulatedFileSystem, _ what: String) throws -> [String]? {
        do throws(StoreError) {
            let engine = try StoreEngine(disk, logFileBytes: 16_384)
            // What was opened must also take new batches and give them back.
            try engine.commit([TestRow(symbol: "NEW", milliseconds: 1_800_000_000_000)])
            let lines = try! engine.snapshot().lines()
            #expect(lines.last?.contains("NEW") == true, "\(what): the store takes no new rows")
            return Array(lines.dropLast())
        } catch {
            #expect(error.kind == .corrupt || error.kind == .newerFormat, "\(what): \(error)")
            #expect(error.message.contains(path), "\(what): the refusal names no file: \(error)")
            if error.kind == .corrupt { #expect(error.message.contains("offset "), "\(what): the refusal names no offset: \(error)") }
            let again = #expect(throws: StoreError.self, "\(what): the second start forgot the refusal") {
                try StoreEngine(disk, logFileBytes: 16_384)
            }
            #expect(again?.message == error.message, "\(what)")
            return nil
        }
    }

    @Test func cutAtEveryByteGivesAnExactPrefixOrARefusal() throws {
        let original = try Self.disk()
        let used = original.content(Self.path).lastIndex { $0 != 0 }! + 1
        let prefixes = Self.prefixes()
        var outcomes: Set<Int> = []
        // The last record is padded with zeros.
        for length in 0...(used + 7) & ~7 {
            let disk = original.copy()
            disk.tamper(Self.path) { $0.removeSubrange(length...) }
            guard let lines = try Self.open(disk, "cut at \(length)") else { continue }
            let match = prefixes.firstIndex(of: lines)
            #expect(match != nil, "cut at \(length): \(lines.count) rows that are no prefix")
            outcomes.insert(match ?? -1)
        }
        #expect(outcomes == Set(0...5), "every prefix should have been seen: \(outcomes)")
    }

    @Test(arguments: [UInt8(0x01), 0x80, 0xFF]) func everyByteFlippedGivesAnExactPrefixOrARefusal(mask: UInt8) throws {
        let original = try Self.disk()
        let content = original.content(Self.path)
        let used = content.lastIndex { $0 != 0 }! + 1
        let prefixes = Self.prefixes()
        var refusals = 0
        // All of what was written, and some of the empty space behind it.
        for offset in Array(0..<used + 64) + stride(from: used + 64, to: content.count, by: 97) {
            let disk = original.copy()
            disk.tamper(Self.path) { $0[offset] ^= mask }
            guard let lines = try Self.open(disk, "flip at \(offset)") else {
                refusals += 1
                continue
            }
            let match = prefixes.firstIndex(of: lines) ?? -1
            // Only the last batch may go: everything before it was stated durable by a later record.
            #expect(match >= 4, "flip at \(offset): \(match) batches left, an acknowledged one was cut silently")
        }
        #expect(refusals > 500, "only \(refusals) refusals")
    }

    @Test func everySectorZeroedGivesAnExactPrefixOrARefusal() throws {
        let original = try Self.disk()
        let prefixes = Self.prefixes()
        for start in stride(from: 0, to: original.content(Self.path).count, by: 512) {
            let disk = original.copy()
            disk.tamper(Self.path) { for offset in start..<start + 512 { $0[offset] = 0 } }
            if let lines = try Self.open(disk, "sector at \(start)") { #expect(prefixes.firstIndex(of: lines) ?? -1 >= 4, "sector at \(start)") }
        }
    }

    @Test func cleanMarkerMakesACutTailARefusal() throws {
        let disk = SimulatedFileSystem()
        let engine = try StoreEngine(disk, logFileBytes: 16_384)
        for rows in Self.batches { try engine.commit(rows) }
        try engine.close()
        disk.tamper(Self.path) { bytes in bytes.removeSubrange((bytes.lastIndex { $0 != 0 }! - 20)...) }
        #expect(try Self.open(disk.copy(), "cut after a clean stop") == nil, "an orderly stop had said that everything was on disk")
    }

    @Test func idleNoteMakesRotInTheLastBatchARefusal() throws {
        let disk = SimulatedFileSystem()
        let engine = try StoreEngine(disk, logFileBytes: 16_384)
        for rows in Self.batches { try engine.commit(rows) }
        let last = disk.content(Self.path).lastIndex { $0 != 0 }! - 60
        engine.idle()
        disk.tamper(Self.path) { $0[last] ^= 1 }
        #expect(try Self.open(disk.copy(), "flip after the idle note") == nil, "the NOOP had said that the last batch was on disk")
    }

    @Test func tornTailIsCutAndKept() throws {
        let disk = try Self.disk()
        disk.tamper(Self.path) { $0[$0.lastIndex { $0 != 0 }! - 8] ^= 1 }
        let engine = try StoreEngine(disk, logFileBytes: 16_384)
        #expect(engine.openingNotes.contains { $0.contains("never acknowledged") }, "\(engine.openingNotes)")
        #expect(disk.paths.contains { $0.hasPrefix("data/set-aside/torn-") }, "no copy of the tail: \(disk.paths)")
    }

    @Test func staleRecordsOfAnotherFileAreNotTaken() throws {
        let disk = try Self.disk()
        let other = SimulatedFileSystem()
        var options = StoreOptions.test(logFileBytes: 16_384)
        options.random = { 77 }
        let engine = try StoreEngine(path: "data", fileSystem: other, options: options)
        for number in 0..<9 { try engine.commit([TestRow(symbol: "STALE", milliseconds: Int64(number))]) }
        let stale = other.content(Self.path)
        let used = disk.content(Self.path).lastIndex { $0 != 0 }! / 8 * 8 + 8
        disk.tamper(Self.path) { $0.replaceSubrange(used..<used + 2_000, with: stale[64..<2_064]) }
        #expect(try Self.open(disk, "stale bytes behind the end") == Self.prefixes().last)
    }

    @Test(arguments: [UInt32(0), 0x7FFF_FFFF, 0xFFFF_FFFF, 17 << 20]) func absurdLengthIsNotFollowed(length: UInt32) throws {
        let disk = try Self.disk()
        disk.tamper(Self.path) { $0.store(length, at: 64 + 4) }
        #expect(try Self.open(disk, "length \(length)") == nil, "the first batch was durable")
    }

    @Test func afterAReopenTheIdleNoteIsWrittenToo() throws {
        let disk = SimulatedFileSystem()
        let engine = try StoreEngine(disk, logFileBytes: 16_384)
        for rows in Self.batches { try engine.commit(rows) }
        try engine.close()
        let last = disk.content(Self.path).lastIndex { $0 != 0 }! - 60
        try StoreEngine(disk, logFileBytes: 16_384).idle()
        let image = disk.copy()
        image.tamper(Self.path) { $0[last] ^= 1 }
        #expect(try Self.open(image, "flip after the reopened store's idle note") == nil)
    }

    @Test func aManifestOlderThanTheLogIsRefused() throws {
        let disk = try Self.disk()
        let previous = disk.content("data/MANIFEST.json.prev")
        disk.tamper("data/MANIFEST.json") { $0 = previous }
        let failure = #expect(throws: StoreError.self) { try StoreEngine(disk, logFileBytes: 16_384) }
        #expect(failure?.kind == .corrupt && failure?.message.contains("does not list it") == true, "\(failure!)")
        #expect(throws: StoreError.self) { try StoreEngine(disk, logFileBytes: 16_384) }
    }

    @Test func missingFileInTheMiddleIsRefused() throws {
        let disk = SimulatedFileSystem()
        let engine = try StoreEngine(disk, logFileBytes: 70_000)
        for number in 0..<400 { try engine.commit([TestRow(symbol: "A\(number)", milliseconds: Int64(number) + 1_700_000_000_000)]) }
        let files = disk.paths.filter { $0.hasPrefix("data/wal/") }
        #expect(files.count >= 3, "the workload did not rotate: \(files)")
        for missing in [files[0], files[1], files.last!] {
            let copy = disk.copy()
            try copy.remove(missing)
            let failure = #expect(throws: StoreError.self) { try StoreEngine(copy, logFileBytes: 70_000) }
            #expect(failure?.kind == .corrupt && failure?.message.contains(missing) == true, "\(failure!)")
        }
        let again = try StoreEngine(disk.copy(), logFileBytes: 70_000)
        #expect(again.snapshot().counts.rows == 400)
    }
}
