import MarketData
import TestSupport
import Testing

@testable import TickerStore

@Suite struct SegmentTests {
    private static let start: Int64 = 1_700_000_000_000

    /// Three groups of many series, with rows enough for several blocks.
    static func manyGroups(rows: Int = 600) -> [[SegmentRow]] {
        (0..<3).map { group in
            (0..<rows).map { row in
                let symbol = "S\(String(1_000 + row / 10))"
                return .ticker(
                    symbol,
                    start + Int64(group) * 10_000_000 + Int64(row % 10) * 60_000,
                    name: "Name \(row) of \(group)",
                    price: "\(row).5",
                    volume: row % 3 == 0 ? "" : "\(row * 17)",
                    change: "-\(row % 7 + 1).25"
                )
            }
        }
    }

    @Test func linesOfSeveralGroupsComeBackAsTheyWere() throws {
        let fixture = try SegmentFixture(Self.manyGroups())
        let segment = try fixture.open()
        #expect(segment.rowCount == 1_800)
        #expect(segment.groups.map(\.rows) == [600, 600, 600])
        #expect(segment.index.blockCount > 6)
        #expect(try segment.lines() == fixture.lines)
        #expect(fixture.info.live == ["csv": 1_800])
        #expect(fixture.info.earliest == Self.start && fixture.info.latest == Self.start + 20_000_000 + 540_000)
        #expect(fixture.info.crc == fixture.disk.content(fixture.dataPath).withUnsafeBytes { crc32($0) })
        #expect(fixture.info.indexCRC == fixture.disk.content(fixture.indexPath).withUnsafeBytes { crc32($0) })
    }

    @Test func aFewRowsAreReadWithAndWithoutACache() throws {
        let fixture = try SegmentFixture(Self.manyGroups())
        let segment = try fixture.open()
        let rows = [0, 1, 77, 599, 600, 1_203, 1_799]
        let expected = rows.map { fixture.lines[$0] }
        let cache = BlockCache()
        #expect(try segment.lines(rows) == expected)
        #expect(try segment.lines(rows, cache: cache) == expected)
        let operations = fixture.disk.operations
        #expect(try segment.lines(rows, cache: cache) == expected)
        #expect(fixture.disk.operations == operations, "warm rows are read from memory")
        #expect(try segment.lines([]) == [])
    }

    @Test func columnsTellSeriesAndTimes() throws {
        let fixture = try SegmentFixture(Self.manyGroups(), more: [SeriesKey(symbol: "A", source: "never", sourceID: "used")])
        let segment = try fixture.open()
        #expect(segment.seriesCount == 60, "series without rows are not listed")
        #expect(segment.seriesRows(0) == 30)
        let numbers = (0..<60).map { UInt32(1_000 - $0) }
        let groups = segment.makeRowGroups(seriesNumbers: numbers)
        for (number, group) in groups.enumerated() {
            try group.check()
            for row in [0, 1, 9, 10, 599] {
                let wanted = fixture.groups[number][row]
                #expect(group.timestamp(row) == wanted.milliseconds)
                let local = 1_000 - Int(group.series(ofRun: group.run(ofRow: row)))
                #expect(segment.seriesKey(local) == wanted.key)
            }
            let inOrder = (0..<600).map { group.timestamp(group.row(inTimeOrder: $0)) }
            #expect(inOrder == inOrder.sorted())
        }
    }

    @Test func seriesAreComparedByTheirBytes() throws {
        let keys = [("B", "a", "x"), ("BB", "a", "a"), ("BB", "b", "a"), ("É", "a", "a")].map {
            SeriesKey(symbol: $0.0, source: $0.1, sourceID: $0.2)
        }
        let rows = keys.map { key in
            SegmentRow.ticker(
                String(decoding: key.symbol, as: UTF8.self),
                Self.start,
                source: String(decoding: key.source, as: UTF8.self),
                id: String(decoding: key.sourceID, as: UTF8.self)
            )
        }
        let segment = try SegmentFixture([rows]).open()
        for (local, a) in keys.enumerated() {
            for b in keys + [SeriesKey(symbol: "BA", source: "", sourceID: ""), SeriesKey(symbol: "", source: "", sourceID: "")] {
                let order = segment.compareSeries(local, with: b)
                #expect((order < 0) == (a < b) && (order == 0) == (a == b))
            }
        }
    }

    @Test func awkwardTextsSurviveWritingAndRebuilding() throws {
        let symbols = ["\"Q\"", "A\\B", "TAB\tX", "Ünï", "€💰", "\u{1}CTRL", "{\"symbol\":\"X\",\"record"].sorted {
            $0.utf8.lexicographicallyPrecedes($1.utf8)
        }
        let fixture = try SegmentFixture([symbols.map { .ticker($0, Self.start + 1, source: "s\"\\", id: "i\n\($0)", name: "\u{7F}\"") }])
        #expect(try fixture.open().lines() == fixture.lines)
        try expectSameIndexAfterRebuild(fixture)
    }

    @Test func longLinesHaveBlocksOfTheirOwn() throws {
        var random = SplitMix64(seed: 3)
        // Random text, so that the blocks stay large when compressed.
        func text(_ count: Int) -> String { String(decoding: (0..<count).map { _ in UInt8.random(in: 0x61...0x7A, using: &random) }, as: UTF8.self) }
        let head = SegmentRow.raw("A", Self.start, record: "\"\"").line.count
        let lengths = [
            10, 32_766 - head, 32_767 - head, 32_768 - head, 59_998 - head, 59_999 - head, 60_000 - head, 100_000, 5, 240_000, 120_000 - head,
            119_999 - head, 7,
        ]
        let rows = lengths.enumerated().map { SegmentRow.raw("A", Self.start + Int64($0), record: "\"\(text($1))\"") }
        let fixture = try SegmentFixture(.raw, [rows, [SegmentRow.raw("A", Self.start + 99, record: "\"\(text(100_000))\"")]])
        let segment = try fixture.open()
        #expect(try segment.lines() == fixture.lines)
        #expect(try segment.lines([7, 9], cache: BlockCache(capacity: 1 << 20)) == [fixture.lines[7], fixture.lines[9]])
        #expect(try segment.lines([13]) == [fixture.lines[13]])
        try expectSameIndexAfterRebuild(fixture)
        #expect(try walk(fixture).damage.isEmpty)
    }

    @Test(arguments: Family.allCases) func everyFamilyIsRebuiltFromItsLines(_ family: Family) throws {
        let times = (0..<70).map { Self.start + Int64($0) * 1_500 }
        let groups: [[SegmentRow]] = [times, times.map { $0 + 1_000_000 }].map { times in
            switch family {
            case .tickers: times.map { .ticker("BTC", $0) }
            case .raw: times.flatMap { [SegmentRow.raw("BTC", $0, record: #"{"a":1,"a":2}"#), .raw("BTC", $0, record: "7")] }
            case .quarantine:
                times.map { .quarantined("src", $0, id: RecordDigest(high: UInt64($0) &* 0x9E37_79B9_7F4A_7C15, low: 3), content: "\",\"content\n{") }
            case .runs: times.map { .run($0) }
            case .outliers: times.map { .outlier("ETH", $0) }
            }
        }
        let fixture = try SegmentFixture(family, groups)
        let segment = try fixture.open()
        #expect(try segment.lines() == fixture.lines)
        try segment.checkAll()
        let outcome = try expectSameIndexAfterRebuild(fixture)
        #expect(outcome.rows == fixture.info.rows && outcome.crc == fixture.info.crc && outcome.sources == fixture.info.live)
        #expect(outcome.earliest == fixture.info.earliest && outcome.latest == fixture.info.latest)
        if family == .quarantine {
            for (row, wanted) in groups.joined().enumerated() { #expect(segment.rows(ofID: wanted.id!) == [row]) }
            #expect(segment.rows(ofID: RecordDigest(high: 1, low: 1)).isEmpty)
            let rows = Array(stride(from: 0, to: segment.rowCount, by: 3))
            #expect(segment.ids(ofRows: rows) == rows.map { Array(groups.joined())[$0].id! })
        }
    }

    @Test func aLostIndexIsMadeAnewByteForByte() throws {
        let fixture = try SegmentFixture(Self.manyGroups(), more: [SeriesKey(symbol: "T", source: "csv", sourceID: "T")])
        let before = fixture.disk.content(fixture.indexPath)
        try fixture.disk.remove(fixture.indexPath)
        do {
            _ = try fixture.open()
            Issue.record("opened without an index")
        } catch {
            #expect(error.isIndexDamage)
        }
        let outcome = try fixture.rebuild()
        #expect(fixture.disk.content(fixture.indexPath) == before)
        #expect(outcome.indexBytes == fixture.info.indexBytes && outcome.indexCRC == fixture.info.indexCRC)
        #expect(try fixture.open().lines() == fixture.lines)
    }

    @Test func damagedLinesGetNoIndex() throws {
        let fixture = try SegmentFixture(Self.manyGroups())
        let before = fixture.disk.content(fixture.indexPath)
        fixture.disk.tamper(fixture.dataPath) { $0[$0.count / 2] ^= 1 }
        #expect(throws: StoreError.self) { try fixture.rebuild() }
        #expect(fixture.disk.content(fixture.indexPath) == before)
        #expect(fixture.disk.paths == [fixture.indexPath, fixture.dataPath])
    }

    @Test func numberKeysStandInRowOrder() throws {
        let prices = ["0", "0.00", "12.5", "1000000", "0.0000001"]
        let fixture = try SegmentFixture([
            prices.enumerated().map { .ticker("A", Self.start + Int64($0), price: $1, volume: $0 == 2 ? "" : "7", change: "-3") }
        ])
        let segment = try fixture.open()
        let keys = try segment.numberKeys(group: 0, field: .price)
        #expect((0..<keys.count).map { keys[$0] } == prices.map { NumberKey.encode(Array($0.utf8).span) })
        let volumes = try segment.numberKeys(group: 0, field: .volume)
        #expect(volumes[2] == NumberKey.null && volumes[1] > NumberKey.zero)
        #expect(try segment.numberKeys(group: 0, field: .marketCap)[4] == NumberKey.null)
        #expect(try segment.numberKeys(group: 0, field: .percentChange)[0] < NumberKey.zero)
    }

    @Test func filesGoWithTheLastReaderOfAReplacedSegment() throws {
        let fixture = try SegmentFixture([[.ticker("A", Self.start)]])
        fixture.disk.tamperNew(SegmentFixture.directory + "/00000007.del.3")
        var segment: Segment? = try fixture.open()
        let groups = segment?.makeRowGroups(seriesNumbers: [0])
        segment?.removeFilesWhenUnused(deadFile: "00000007.del.3")
        segment = nil
        #expect(fixture.disk.paths.count == 3)
        try withExtendedLifetime(groups) { try groups?[0].check() }
        _ = consume groups
        #expect(fixture.disk.paths == [])
    }

    @Test func aFailureAnywhereLeavesNothingBehind() throws {
        let rows = Self.manyGroups(rows: 200)
        let keys = Set(rows.joined().map(\.key)).sorted()
        for at in 2..<60 {
            let disk = SimulatedFileSystem()
            try disk.makeDirectory("segments")
            try disk.makeDirectory("segments/tickers")
            disk.fault = .fail(at: at, code: FileError.noSpace, forever: false)
            var writer: SegmentWriter?
            do {
                writer = try SegmentWriter(
                    family: .tickers,
                    id: 1,
                    storeID: SegmentFixture.storeID,
                    series: keys,
                    directory: "segments/tickers",
                    fileSystem: disk
                )
                for group in rows { try writer!.add(group, keys) }
                _ = try writer!.finish(recorded: 0...0)
                try writer!.rename()
                #expect(disk.operations <= at)
                return
            } catch {
                writer?.abandon()
                #expect(disk.paths == [], "after a failure of operation \(at)")
            }
        }
        Issue.record("the writer never came to an end")
    }

    @Test func rowsThatNoSearchWouldFindAreNotWritten() throws {
        let a = SegmentRow.ticker("A", Self.start)
        let b = SegmentRow.ticker("B", Self.start)
        var broken = a
        broken.line.append(0x0A)
        var other = a
        other.line = Array("{}".utf8)
        for rows in [[b, a], [a, a], [broken], [other], [.ticker("A", -1 << 50), .ticker("A", 1 << 50)]] {
            #expect(throws: StoreError.self) { try SegmentFixture([rows]) }
        }
    }

    @discardableResult
    private func expectSameIndexAfterRebuild(_ fixture: SegmentFixture) throws -> SegmentIndexRebuild.Outcome {
        let before = fixture.disk.content(fixture.indexPath)
        let outcome = try fixture.rebuild()
        let after = fixture.disk.content(fixture.indexPath)
        #expect(after == before)
        return outcome
    }
}

/// What a walk over the lines finds.
func walk(_ fixture: SegmentFixture) throws -> (blocks: [BlockWalker.Block], damage: [BlockWalker.Damage]) {
    var walker = try fixture.walker()
    var blocks: [BlockWalker.Block] = []
    var damage: [BlockWalker.Damage] = []
    while let step = try walker.next() {
        switch step {
        case .block(let block): blocks.append(block)
        case .damage(let found): damage.append(found)
        }
    }
    return (blocks, damage)
}

extension SimulatedFileSystem {
    /// Makes an empty file behind the program's back.
    func tamperNew(_ path: String) { _ = try? open(path, .createNew) }
}
