import MarketData

/// Writes an index (`FORMAT.md`, Index), one group in memory at a time.
///
/// Series are numbered by the caller in any order. The list in the file has only those that occur, in order; as that is not known
/// before the last group, the series at the head of each group's columns are written at the end.
struct IndexFileWriter {
    let family: Family
    private let segmentID: UInt64
    private let storeID: StoreID
    private let version: UInt16
    private let out: FileAppender
    private var header: [UInt8] = []
    private(set) var groups: [GroupEntry] = []
    /// By group: the caller's numbers of its series, and the CRC of the columns behind them.
    private var groupSeries: [[UInt32]] = []
    private var restCRCs: [UInt32] = []
    /// Rows by the caller's number of their series.
    private(set) var seriesRows: [Int] = []
    private var ids: [(id: RecordDigest, row: UInt32)] = []
    private(set) var rows = 0

    /// - Parameters:
    ///   - out: The file, empty.
    ///   - version: Of the format; an older one only to make an index anew as it was.
    init(
        family: Family,
        segmentID: UInt64,
        storeID: StoreID,
        out: FileAppender,
        version: UInt16 = SegmentFormat.indexVersion
    ) throws(StoreError) {
        self.family = family
        self.segmentID = segmentID
        self.storeID = storeID
        self.out = out
        self.version = version
        header = IndexFile.header(family: family, segmentID: segmentID, storeID: storeID, version: version)
        try out.append(header)
    }

    /// Adds the next group.
    ///
    /// - Parameters:
    ///   - series: Of each row, the caller's number; rows of one series are next to each other.
    ///   - timestamps: Of each row, ascending within a series; they must fit (`GroupSpan`).
    ///   - numberKeys: The keys of all rows, field by field; empty: the family has none.
    ///   - ids: Of each row, or empty.
    mutating func add(series: [UInt32], timestamps: [Int64], numberKeys: [UInt64], ids newIDs: [RecordDigest]) throws(StoreError) {
        let columns = GroupColumns(series: series, timestamps: timestamps)
        var runSeries: [UInt32] = []
        for number in series {
            if runSeries.last != number { runSeries.append(number) }
            if Int(number) >= seriesRows.count { seriesRows.append(contentsOf: repeatElement(0, count: Int(number) + 1 - seriesRows.count)) }
            seriesRows[Int(number)] += 1
        }
        var entry = GroupEntry(
            firstRow: rows,
            rows: columns.rows,
            earliest: columns.earliest,
            latest: columns.latest,
            unit: columns.unit,
            runs: columns.runs,
            columnsOffset: out.offset,
            columnsLength: columns.image.count,
            columnsCRC: 0,
            numbersOffset: 0,
            numbersCRC: 0
        )
        restCRCs.append(columns.image.withUnsafeBytes { crc32($0.slice(4 * columns.runs..<$0.count)) })
        try out.append(columns.image)
        if !numberKeys.isEmpty {
            precondition(numberKeys.count == NumberField.allCases.count * columns.rows)
            entry.numbersOffset = out.offset
            entry.numbersCRC = try append(numberKeys)
        }
        for (row, id) in newIDs.enumerated() { ids.append((id, UInt32(rows + row))) }
        groupSeries.append(runSeries)
        groups.append(entry)
        rows += columns.rows
    }

    /// Appends the keys; gives their CRC.
    private func append(_ keys: [UInt64]) throws(StoreError) -> UInt32 {
        // Not by key path: the compiler would look it up for each key.
        let littleEndian = version == 1 ? keys.map { NumberKey.firstForm($0).littleEndian } : keys.map { $0.littleEndian }
        return try littleEndian.span.bytes.withUnsafeBytes { (bytes) throws(StoreError) in
            try out.append(bytes)
            return crc32(bytes)
        }
    }

    /// Writes the series, the tables and the footer, and syncs the file.
    ///
    /// - Parameters:
    ///   - series: The keys by the caller's number; those without rows are left out.
    ///   - blocks: The block table.
    /// - Returns: bytes of the index and the CRC of all of them.
    mutating func finish(series: [SeriesKey], blocks: [BlockEntry]) throws(StoreError) -> (bytes: Int, crc: UInt32) {
        let used = seriesRows.indices.filter { seriesRows[$0] > 0 }.sorted { series[$0] < series[$1] }
        var localNumbers = [UInt32](repeating: 0, count: seriesRows.count)
        for (local, number) in used.enumerated() { localNumbers[number] = UInt32(local) }
        try out.flush()
        var crc = header.withUnsafeBytes { crc32($0) }
        for index in groups.indices {
            try writeSeries(ofGroup: index, localNumbers)
            crc = combineCRC(crc, groups[index].columnsCRC, secondLength: groups[index].columnsLength)
            guard groups[index].numbersOffset > 0 else { continue }
            crc = combineCRC(crc, groups[index].numbersCRC, secondLength: GroupEntry.numbersLength(rows: groups[index].rows))
        }
        let tail = tail(series: used.map { (series[$0], seriesRows[$0]) }, blocks: blocks)
        crc = tail.withUnsafeBytes { crc32($0, seed: crc) }
        try out.append(tail)
        try out.finish()
        return (out.offset, crc)
    }

    /// Puts the final numbers of a group's series at the head of its columns.
    private mutating func writeSeries(ofGroup index: Int, _ localNumbers: [UInt32]) throws(StoreError) {
        var bytes: [UInt8] = []
        bytes.reserveCapacity(4 * groupSeries[index].count)
        for number in groupSeries[index] { bytes.append(littleEndian: localNumbers[Int(number)]) }
        try out.overwrite(bytes, at: groups[index].columnsOffset)
        let head = bytes.withUnsafeBytes { crc32($0) }
        groups[index].columnsCRC = combineCRC(head, restCRCs[index], secondLength: groups[index].columnsLength - bytes.count)
    }

    /// Everything behind the groups.
    private func tail(series: [(key: SeriesKey, rows: Int)], blocks: [BlockEntry]) -> [UInt8] {
        let start = out.offset
        var bytes: [UInt8] = []
        var parts: [IndexFile.Part] = []
        func endPart(from partStart: Int, _ bytes: inout [UInt8]) {
            let crc = bytes.withUnsafeBytes { crc32($0.slice(partStart..<$0.count)) }
            parts.append(IndexFile.Part(offset: start + partStart, length: bytes.count - partStart, crc: crc))
            bytes.padToEight(from: 0)
        }
        Self.encode(series, to: &bytes)
        endPart(from: 0, &bytes)
        var partStart = bytes.count
        for block in blocks {
            bytes.append(littleEndian: block.offset)
            bytes.append(littleEndian: block.firstRow)
            bytes.append(littleEndian: block.crc)
        }
        endPart(from: partStart, &bytes)
        partStart = bytes.count
        for group in groups { group.encode(to: &bytes) }
        endPart(from: partStart, &bytes)
        partStart = bytes.count
        for entry in ids.sorted(by: { ($0.id.high, $0.id.low, $0.row) < ($1.id.high, $1.id.low, $1.row) }) {
            bytes.append(littleEndian: entry.id.high)
            bytes.append(littleEndian: entry.id.low)
            bytes.append(littleEndian: entry.row)
            bytes.append(littleEndian: UInt32(0))
        }
        endPart(from: partStart, &bytes)
        bytes.append(
            contentsOf: IndexFile.footer(
                parts,
                fileLength: start + bytes.count + SegmentFormat.indexFooterLength,
                counts: [rows, groups.count, series.count, blocks.count]
            )
        )
        return bytes
    }

    private static func encode(_ series: [(key: SeriesKey, rows: Int)], to bytes: inout [UInt8]) {
        var text = SegmentFormat.seriesEntryLength * series.count
        for (key, rows) in series {
            bytes.append(littleEndian: UInt32(text))
            bytes.append(littleEndian: UInt32(rows))
            for part in [key.symbol, key.source, key.sourceID] { bytes.append(UInt8(part.count)) }
            bytes.append(0)
            text += key.symbol.count + key.source.count + key.sourceID.count
        }
        for (key, _) in series {
            for part in [key.symbol, key.source, key.sourceID] { bytes.append(contentsOf: part) }
        }
    }
}
