/// An index in memory, its small parts checked: every offset below may be followed without a further look.
///
/// Columns and number keys have CRCs of their own in the group table; who uses them first checks them.
struct IndexFile: @unchecked Sendable {
    // Memory that nobody writes to, kept alive by `memory`.
    let bytes: UnsafeRawBufferPointer
    let memory: any MappedBytes
    /// Of the format: which form the number keys have.
    let version: UInt16
    let rows: Int
    let seriesCount: Int
    let blockCount: Int
    let groups: [GroupEntry]
    let seriesList: UnsafeRawBufferPointer
    let blockTable: UnsafeRawBufferPointer
    let idList: UnsafeRawBufferPointer

    /// A part that the footer lists.
    struct Part {
        var offset: Int
        var length: Int
        var crc: UInt32
    }

    /// - Parameters:
    ///   - dataLength: Bytes of the lines file.
    /// - Throws: `.corrupt` with the offset of what is wrong, `.newerFormat`.
    init(_ memory: any MappedBytes, path: String, family: Family, segmentID: UInt64, storeID: StoreID, dataLength: Int) throws(StoreError) {
        var reader = IndexFileReader(bytes: memory.bytes, path: path)
        version = try reader.checkHeader { version in Self.header(family: family, segmentID: segmentID, storeID: storeID, version: version) }
        try reader.readFooter()
        groups = try reader.readGroups(hasNumbers: family == .tickers)
        try reader.checkSeries()
        try reader.checkBlocks(dataLength: dataLength)
        try reader.checkIDs(isQuarantine: family == .quarantine)
        bytes = memory.bytes
        self.memory = memory
        rows = reader.rows
        seriesCount = reader.seriesCount
        blockCount = reader.blockCount
        seriesList = reader.seriesList
        blockTable = reader.blockTable
        idList = reader.idList
    }

    // MARK: Looking up

    func block(_ number: Int) -> BlockEntry {
        let at = SegmentFormat.blockEntryLength * number
        return BlockEntry(
            offset: blockTable.integer(UInt64.self, at: at),
            firstRow: blockTable.integer(UInt32.self, at: at + 8),
            crc: blockTable.integer(UInt32.self, at: at + 12)
        )
    }

    /// Where a block begins in the lines file.
    func offset(ofBlock number: Int) -> Int { Int(blockTable.integer(UInt64.self, at: SegmentFormat.blockEntryLength * number)) }

    /// The rows that begin in a block; none in one that goes on with a long line.
    func rows(ofBlock number: Int) -> Range<Int> {
        firstRow(ofBlock: number)..<(number + 1 < blockCount ? firstRow(ofBlock: number + 1) : rows)
    }

    private func firstRow(ofBlock number: Int) -> Int {
        Int(blockTable.integer(UInt32.self, at: SegmentFormat.blockEntryLength * number + 8))
    }

    /// The block in which a row begins.
    func block(ofRow row: Int) -> Int { partition(0..<blockCount) { firstRow(ofBlock: $0) > row } - 1 }

    func group(ofRow row: Int) -> Int { partition(0..<groups.count) { groups[$0].firstRow > row } - 1 }

    /// Rows, and the texts of symbol, source and source id.
    func series(_ local: Int) -> (rows: Int, symbol: UnsafeRawBufferPointer, source: UnsafeRawBufferPointer, sourceID: UnsafeRawBufferPointer) {
        let at = SegmentFormat.seriesEntryLength * local
        let symbol = Int(seriesList.integer(UInt32.self, at: at))
        let source = symbol + Int(seriesList[at + 8])
        let sourceID = source + Int(seriesList[at + 9])
        return (
            Int(seriesList.integer(UInt32.self, at: at + 4)), seriesList.slice(symbol..<source), seriesList.slice(source..<sourceID),
            seriesList.slice(sourceID..<sourceID + Int(seriesList[at + 10]))
        )
    }

    // MARK: Writing

    /// The first 64 bytes.
    static func header(family: Family, segmentID: UInt64, storeID: StoreID, version: UInt16 = SegmentFormat.indexVersion) -> [UInt8] {
        var bytes: [UInt8] = []
        bytes.append(littleEndian: SegmentFormat.indexMagic)
        bytes.append(littleEndian: version)
        bytes.append(family.rawValue)
        bytes.append(contentsOf: [0, 0, 0, 0, 0])
        bytes.append(littleEndian: storeID.high)
        bytes.append(littleEndian: storeID.low)
        bytes.append(littleEndian: segmentID)
        bytes.append(contentsOf: repeatElement(0, count: 20))
        bytes.append(littleEndian: bytes.withUnsafeBytes { crc32($0) })
        return bytes
    }

    /// The last 128 bytes.
    ///
    /// - Parameters:
    ///   - parts: Series list, block table, group table, id list.
    ///   - counts: Rows, groups, series, blocks.
    static func footer(_ parts: [Part], fileLength: Int, counts: [Int]) -> [UInt8] {
        var bytes: [UInt8] = []
        for part in parts {
            bytes.append(littleEndian: UInt64(part.offset))
            bytes.append(littleEndian: UInt64(part.length))
            bytes.append(littleEndian: part.crc)
            bytes.append(littleEndian: UInt32(0))
        }
        bytes.append(littleEndian: UInt64(fileLength))
        for count in counts { bytes.append(littleEndian: UInt32(count)) }
        bytes.append(littleEndian: bytes.withUnsafeBytes { crc32($0) })
        bytes.append(littleEndian: SegmentFormat.indexEndMagic)
        return bytes
    }
}
