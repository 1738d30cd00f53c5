import MarketData
import TestSupport
import Testing

@testable import TickerStore

/// What bit rot and cut files do to a segment: everything is found, nothing traps.
@Suite struct SegmentDamageTests {
    private static let start: Int64 = 1_700_000_000_000

    /// Two groups, four blocks, one line of two blocks; about 2 KB.
    private static func small() throws -> SegmentFixture {
        // Repeated, so that it is small; a stretch with no repetition of its own, so that no other distance gives the same bytes.
        var random = SplitMix64(seed: 1)
        let stretch = String(decoding: (0..<97).map { _ in UInt8.random(in: 0x61...0x7A, using: &random) }, as: UTF8.self)
        let long = String(repeating: stretch, count: 720)
        return try SegmentFixture(
            .quarantine,
            [
                [
                    .quarantined("a", start, id: RecordDigest(high: 5, low: 1), content: "one"),
                    .quarantined("a", start + 1_000, id: RecordDigest(high: 2, low: 9), content: long),
                ],
                [
                    .quarantined("a", start + 9_000, id: RecordDigest(high: 3, low: 3), content: "three"),
                    .quarantined("b", start + 8_500, id: RecordDigest(high: 2, low: 8), content: "four"),
                ],
            ]
        )
    }

    @Test func everyFlippedBitOfTheLinesIsFoundByTheWalker() throws {
        let fixture = try Self.small()
        let good = try walk(fixture)
        #expect(good.damage.isEmpty && good.blocks.map(\.rows) == [1, 1, 0, 2] && good.blocks.map(\.group) == [0, 0, 0, 1])
        var harmless: [String] = []
        for offset in 0..<fixture.info.bytes {
            for bit in 0..<8 {
                fixture.disk.tamper(fixture.dataPath) { $0[offset] ^= 1 << UInt8(bit) }
                let found = try walk(fixture)
                if found.damage.isEmpty { harmless.append("byte \(offset) bit \(bit): \(found.blocks.map(\.bytes) == good.blocks.map(\.bytes))") }
                fixture.disk.tamper(fixture.dataPath) { $0[offset] ^= 1 << UInt8(bit) }
            }
        }
        // Bit 0 of the last block's group number: 1 becomes 0, and one group of all rows would be as good. The index and the manifest's CRC know better.
        #expect(harmless == ["byte \(good.blocks[3].offset + 34) bit 0: true"])
    }

    @Test func everyFlippedBitOfTheLinesIsFoundByAReader() throws {
        let fixture = try Self.small()
        let segment = try fixture.open()
        let bytes = fixture.info.bytes - SegmentFormat.endMark.count
        for offset in 0..<bytes {
            fixture.disk.tamper(fixture.dataPath) { $0[offset] ^= 0x10 }
            let error = #expect(throws: StoreError.self) { try segment.lines() }
            #expect(error?.kind == .corrupt && error?.message.contains(fixture.dataPath) == true)
            fixture.disk.tamper(fixture.dataPath) { $0[offset] ^= 0x10 }
        }
    }

    @Test func aWalkGoesOnBehindTheDamage() throws {
        let fixture = try SegmentFixture(SegmentTests.manyGroups())
        let good = try walk(fixture).blocks
        let damaged = 4
        fixture.disk.tamper(fixture.dataPath) { $0[good[damaged].offset + 100] ^= 0xFF }
        let found = try walk(fixture)
        #expect(found.damage.map(\.offset) == [good[damaged].offset] && found.damage.map(\.length) == [good[damaged].length])
        #expect(found.damage[0].nextRow == good[damaged].firstRow)
        #expect(found.blocks.map(\.firstRow) == good.indices.filter { $0 != damaged }.map { good[$0].firstRow })
    }

    @Test func aWalkGoesOnBehindManyLostBlocks() throws {
        let fixture = try SegmentFixture(SegmentTests.manyGroups())
        let good = try walk(fixture).blocks
        fixture.disk.tamper(fixture.dataPath) {
            $0.replaceSubrange(good[1].offset..<good[5].offset + 10, with: repeatElement(0, count: good[5].offset + 10 - good[1].offset))
        }
        let found = try walk(fixture)
        #expect(found.damage.count == 1)
        #expect(found.blocks.map(\.firstRow) == good.indices.filter { !(1...5).contains($0) }.map { good[$0].firstRow })
    }

    @Test func bytesBetweenBlocksCostNoRow() throws {
        let fixture = try SegmentFixture(SegmentTests.manyGroups())
        let good = try walk(fixture).blocks
        fixture.disk.tamper(fixture.dataPath) { $0.insert(contentsOf: [1, 2, 3], at: good[2].offset) }
        let found = try walk(fixture)
        #expect(found.damage.map(\.length) == [3] && found.blocks.map(\.bytes) == good.map(\.bytes))
    }

    @Test func everyFlippedBitOfTheIndexIsFound() throws {
        let rows = [SegmentRow.ticker("A", Self.start, price: "2"), .ticker("B", Self.start, price: "3")]
        for fixture in [try Self.small(), try SegmentFixture([rows, [.ticker("A", Self.start + 999)]])] {
            for offset in 0..<fixture.info.indexBytes {
                for bit in 0..<8 {
                    fixture.disk.tamper(fixture.indexPath) { $0[offset] ^= 1 << UInt8(bit) }
                    #expect(throws: (any Error).self, "byte \(offset) bit \(bit)") { try fixture.open().checkAll() }
                    if let segment = try? fixture.open() { #expect(throws: StoreError.self) { try segment.checkIndex() } }
                    fixture.disk.tamper(fixture.indexPath) { $0[offset] ^= 1 << UInt8(bit) }
                }
            }
            try fixture.open().checkAll()
            try fixture.open().checkIndex()
        }
    }

    @Test func anIndexWithTheRightChecksumsAndWrongNumbersIsRefused() throws {
        let fixture = try Self.small()
        let footer = fixture.info.indexBytes - SegmentFormat.indexFooterLength
        var random = SplitMix64(seed: 11)
        let original = fixture.disk.content(fixture.indexPath)
        var refused = 0
        for _ in 0..<3_000 {
            fixture.disk.tamper(fixture.indexPath) { bytes in
                // A part of the tail or the footer is overwritten, and every CRC made right again.
                let at = Int.random(in: footer - 300..<footer + 120, using: &random)
                bytes[at] = [0, 1, 0x7F, 0x80, 0xFF, UInt8.random(in: 0...255, using: &random)].randomElement(using: &random)!
                Self.repairChecksums(&bytes, footer)
            }
            do {
                let segment = try fixture.open()
                _ = try? segment.lines()
            } catch { refused += 1 }
            fixture.disk.tamper(fixture.indexPath) { $0 = original }
        }
        #expect(refused > 1_000)
    }

    private static func repairChecksums(_ bytes: inout [UInt8], _ footer: Int) {
        for part in 0..<4 {
            let (offset, length) = bytes.withUnsafeBytes {
                (Int(clamping: $0.integer(UInt64.self, at: footer + 24 * part)), Int(clamping: $0.integer(UInt64.self, at: footer + 24 * part + 8)))
            }
            guard offset <= footer, length <= footer - offset else { continue }
            bytes.store(bytes.withUnsafeBytes { crc32($0.slice(offset..<offset + length)) }, at: footer + 24 * part + 16)
        }
        bytes.store(bytes.withUnsafeBytes { crc32($0.slice(footer..<footer + 120)) }, at: footer + 120)
    }

    @Test func cutFilesAreRefusedAtEveryLength() throws {
        let fixture = try Self.small()
        let lines = fixture.disk.content(fixture.dataPath)
        let index = fixture.disk.content(fixture.indexPath)
        for length in 0..<index.count {
            fixture.disk.tamper(fixture.indexPath) { $0 = Array(index[..<length]) }
            // With the manifest's length, and as if the manifest had been cut too.
            var info = fixture.info
            for _ in 0..<2 {
                do {
                    _ = try Segment(info, directory: SegmentFixture.directory, storeID: SegmentFixture.storeID, fileSystem: fixture.disk)
                    Issue.record("opened with \(length) bytes of index")
                } catch { #expect(error.isIndexDamage && error.error.kind == .corrupt) }
                info.indexBytes = length
            }
        }
        fixture.disk.tamper(fixture.indexPath) { $0 = index }
        for length in 0..<lines.count {
            fixture.disk.tamper(fixture.dataPath) { $0 = Array(lines[..<length]) }
            #expect(throws: SegmentOpenError.self) { try fixture.open() }
            #expect(try walk(fixture).damage.count == 1, "\(length) bytes of lines")
            #expect(throws: StoreError.self) { try fixture.rebuild() }
            var info = fixture.info
            info.bytes = length
            let segment = try? Segment(info, directory: SegmentFixture.directory, storeID: SegmentFixture.storeID, fileSystem: fixture.disk)
            if let segment { #expect(throws: StoreError.self) { try segment.lines() } }
        }
        fixture.disk.tamper(fixture.dataPath) { $0 = lines + [0] }
        #expect(try walk(fixture).damage.map(\.offset) == [lines.count - 28])
    }

    @Test func anIndexOfAnotherStoreOrSegmentIsDamage() throws {
        let fixture = try Self.small()
        var info = fixture.info
        do {
            _ = try Segment(info, directory: SegmentFixture.directory, storeID: StoreID(high: 1, low: 2), fileSystem: fixture.disk)
            Issue.record("opened another store's index")
        } catch { #expect(error.isIndexDamage) }
        info.family = .raw
        do {
            _ = try Segment(info, directory: SegmentFixture.directory, storeID: SegmentFixture.storeID, fileSystem: fixture.disk)
            Issue.record("opened another family's index")
        } catch { #expect(error.isIndexDamage) }
    }

    @Test func aNewerIndexIsNotCalledDamaged() throws {
        let fixture = try Self.small()
        fixture.disk.tamper(fixture.indexPath) { bytes in
            bytes[8] = 3
            bytes.store(bytes.withUnsafeBytes { crc32($0.slice(0..<60)) }, at: 60)
        }
        do {
            _ = try fixture.open()
            Issue.record("opened a newer index")
        } catch { #expect(!error.isIndexDamage && error.error.kind == .newerFormat) }
    }

    @Test(arguments: [1, 63, 64, 65, 200]) func deadRowsComeBackAndEveryFlippedBitIsFound(_ rows: Int) throws {
        var info = try Self.small().info
        info.rows = rows
        var words = [UInt64](repeating: 0, count: (rows + 63) / 64)
        for row in stride(from: 0, to: rows, by: 3) { words[row / 64] |= 1 << UInt64(row % 64) }
        let bytes = DeadRowsFile.encode(segmentID: info.id, rows: rows, words: words)
        #expect(try DeadRowsFile.decode(bytes, info: info, path: "x.del.1") == words)
        info.dead = SegmentInfo.DeadFile(file: "x.del.1", rows: (rows + 2) / 3, bytes: bytes.count, crc: bytes.withUnsafeBytes { crc32($0) })
        #expect(try DeadRowsFile.decode(bytes, info: info, path: "x.del.1") == words)
        info.dead = nil
        for offset in bytes.indices {
            for bit in 0..<8 {
                var damaged = bytes
                damaged[offset] ^= 1 << UInt8(bit)
                #expect(throws: StoreError.self) { try DeadRowsFile.decode(damaged, info: info, path: "x.del.1") }
            }
            #expect(throws: StoreError.self) { try DeadRowsFile.decode(Array(bytes[..<offset]), info: info, path: "x.del.1") }
        }
        #expect(throws: StoreError.self) { try DeadRowsFile.decode(bytes + [0], info: info, path: "x.del.1") }
    }
}
