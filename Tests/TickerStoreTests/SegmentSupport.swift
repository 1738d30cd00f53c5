import MarketData

@testable import TickerStore

/// A row of a segment as the tests think of it.
struct SegmentRow {
    var key: SeriesKey
    var milliseconds: Int64
    var line: [UInt8]
    var id: RecordDigest?
}

/// A disk with one family's directory, and a segment on it.
struct SegmentFixture {
    static let directory = "segments/tickers"
    static let storeID = StoreID(high: 0x0123_4567_89AB_CDEF, low: 0xFEDC_BA98_7654_3210)

    let disk = SimulatedFileSystem()
    let family: Family
    let id: UInt64
    let groups: [[SegmentRow]]
    let info: SegmentInfo

    var dataPath: String { Self.directory + "/" + info.dataName }
    var indexPath: String { Self.directory + "/" + info.indexName }
    var lines: [[UInt8]] { groups.joined().map(\.line) }

    /// Writes the rows, which are in group order, and names the files.
    init(_ family: Family, id: UInt64 = 7, _ groups: [[SegmentRow]], more series: [SeriesKey] = []) throws {
        self.family = family
        self.id = id
        self.groups = groups
        try disk.makeDirectory("segments")
        try disk.makeDirectory(Self.directory)
        let keys = Set(groups.joined().map(\.key) + series).sorted()
        let writer = try SegmentWriter(family: family, id: id, storeID: Self.storeID, series: keys, directory: Self.directory, fileSystem: disk)
        for group in groups { try writer.add(group, keys) }
        info = try writer.finish(recorded: 1...2)
        try writer.rename()
        try disk.syncDirectory(Self.directory)
    }

    init(id: UInt64 = 7, _ groups: [[SegmentRow]], more series: [SeriesKey] = []) throws {
        try self.init(.tickers, id: id, groups, more: series)
    }

    func open() throws(SegmentOpenError) -> Segment {
        try Segment(info, directory: Self.directory, storeID: Self.storeID, fileSystem: disk)
    }

    @discardableResult
    func rebuild() throws(StoreError) -> SegmentIndexRebuild.Outcome {
        try SegmentIndexRebuild.run(family: family, id: id, storeID: Self.storeID, directory: Self.directory, fileSystem: disk, expected: info)
    }

    func walker() throws -> BlockWalker { try BlockWalker(disk.open(dataPath, .read), segmentID: id) }
}

extension SegmentWriter {
    /// Writes one group.
    func add(_ rows: [SegmentRow], _ keys: [SeriesKey]) throws(StoreError) {
        var lines = LineBuffer()
        for row in rows { lines.append(row.line) }
        try add(
            series: rows.map { row in UInt32(partition(0..<keys.count) { keys[$0] >= row.key }) },
            timestamps: rows.map(\.milliseconds),
            lines: lines,
            ids: rows.compactMap(\.id)
        )
    }
}

extension Segment {
    /// The lines of rows.
    func lines(_ rows: [Int]? = nil, cache: BlockCache? = nil) throws(StoreError) -> [[UInt8]] {
        let rows = rows ?? Array(0..<rowCount)
        var lines: [[UInt8]] = []
        try readLines(rows, cache: cache) { index, line in
            precondition(index == lines.count)
            lines.append([UInt8](line))
        }
        return lines
    }

    /// Uses everything in the index, as readers would.
    func checkAll() throws {
        for group in makeRowGroups(seriesNumbers: Array(0..<UInt32(seriesCount))) { try group.check() }
        for (number, group) in groups.enumerated() where group.numbersOffset > 0 { _ = try numberKeys(group: number, field: .price) }
    }
}

extension SegmentRow {
    /// A row of the family `tickers`.
    static func ticker(
        _ symbol: String,
        _ milliseconds: Int64,
        source: String = "csv",
        id: String? = nil,
        name: String = "Name",
        price: String = "1",
        volume: String = "",
        change: String = ""
    ) -> SegmentRow {
        var line: [UInt8] = []
        TickerLine.append(
            symbol: Array(symbol.utf8).span,
            name: Array(name.utf8).span,
            price: Array(price.utf8).span,
            volume: Array(volume.utf8).span,
            marketCap: [UInt8]().span,
            percentChange: Array(change.utf8).span,
            timestamp: Timestamp(milliseconds: milliseconds),
            source: Array(source.utf8).span,
            sourceID: Array((id ?? symbol).utf8).span,
            to: &line
        )
        return SegmentRow(key: SeriesKey(symbol: symbol, source: source, sourceID: id ?? symbol), milliseconds: milliseconds, line: line)
    }

    /// A row of the family `raw`.
    static func raw(_ symbol: String, _ milliseconds: Int64, record: String) -> SegmentRow {
        object(
            SeriesKey(symbol: symbol, source: "csv", sourceID: symbol),
            milliseconds,
            #""symbol":\#(quoted(symbol)),"timestamp":"\#(Timestamp(milliseconds: milliseconds))","source":"csv","source_id":\#(quoted(symbol)),"#
                + #""fetched_at":"2024-01-01T00:00:00Z","run_id":"etl_1","batch":1,"record":\#(record)"#
        )
    }

    static func quarantined(_ source: String, _ milliseconds: Int64, id: RecordDigest, content: String) -> SegmentRow {
        var row = object(
            SeriesKey(symbol: "", source: source, sourceID: ""),
            milliseconds,
            #""id":"\#(id.hexadecimal)","source":\#(quoted(source)),"recorded_at":"\#(Timestamp(milliseconds: milliseconds))","run_id":"etl_1","#
                + #""batch":1,"place":"a.csv","position":2,"reasons":["bad_number"],"content":\#(quoted(content))"#
        )
        row.id = id
        return row
    }

    static func run(_ milliseconds: Int64) -> SegmentRow {
        object(
            SeriesKey(symbol: "", source: "", sourceID: ""),
            milliseconds,
            #""run_id":"etl","sequence":\#(milliseconds),"started_at":"2024-01-01T00:00:00Z""#
        )
    }

    static func outlier(_ symbol: String, _ milliseconds: Int64) -> SegmentRow {
        object(
            SeriesKey(symbol: symbol, source: "csv", sourceID: symbol),
            milliseconds,
            #""source_id":\#(quoted(symbol)),"z":4.5,"symbol":\#(quoted(symbol)),"source":"csv","timestamp":"\#(Timestamp(milliseconds: milliseconds))""#
        )
    }

    private static func object(_ key: SeriesKey, _ milliseconds: Int64, _ members: String) -> SegmentRow {
        SegmentRow(key: key, milliseconds: milliseconds, line: Array("{\(members)}".utf8))
    }

    private static func quoted(_ text: String) -> String {
        var bytes: [UInt8] = []
        JSONText.appendEscaped(text, to: &bytes)
        return String(decoding: bytes, as: UTF8.self)
    }
}
