import MarketData

/// Writes one segment under temporary names, group by group; nothing refers to it before a manifest does.
///
/// After an error, and when the segment is not wanted any more, `abandon` removes what is there.
final class SegmentWriter {
    let family: Family
    let id: UInt64
    private let series: [SeriesKey]
    private let directory: String
    private let fileSystem: any FileSystem
    private let dataOut: FileAppender
    private let blocks: BlockFileWriter
    private var index: IndexFileWriter
    private var earliest = Int64.max
    private var latest = Int64.min

    /// - Parameters:
    ///   - id: Never given before in this store.
    ///   - series: In order; those without rows are left out of the file.
    ///   - directory: The family's directory, which exists.
    ///   - level: zlib's level of compression; nil: the family's.
    init(
        family: Family,
        id: UInt64,
        storeID: StoreID,
        series: [SeriesKey],
        directory: String,
        fileSystem: any FileSystem,
        level: Int32? = nil
    ) throws(StoreError) {
        self.family = family
        self.id = id
        self.series = series
        self.directory = directory
        self.fileSystem = fileSystem
        do throws(StoreError) {
            dataOut = try FileAppender(path: Self.temporary(directory, SegmentInfo.dataName(id)), fileSystem: fileSystem)
            blocks = try BlockFileWriter(segmentID: id, level: level ?? family.compressionLevel, out: dataOut)
            let indexOut = try FileAppender(path: Self.temporary(directory, SegmentInfo.indexName(id)), fileSystem: fileSystem)
            index = try IndexFileWriter(family: family, segmentID: id, storeID: storeID, out: indexOut)
        } catch {
            Self.removeTemporaryFiles(directory, id, fileSystem)
            throw error
        }
    }

    /// Writes one group: 1 to 65,536 rows in the order (series, timestamp).
    ///
    /// - Parameters:
    ///   - numbers: Of each row, its series' place in `series`.
    ///   - timestamps: Of each row, milliseconds since 1970. They must fit (`GroupSpan`).
    ///   - lines: Of each row, as its family has them (`FORMAT.md`), so that the key can be read out of them again.
    ///   - ids: Of each row; quarantine only.
    func add(series numbers: [UInt32], timestamps: [Int64], lines: LineBuffer, ids: [RecordDigest] = []) throws(StoreError) {
        let rows = numbers.count
        precondition((1...GroupColumns.maximumRows).contains(rows) && timestamps.count == rows)
        precondition(lines.starts.count == rows && lines.lengths.count == rows && ids.count == (family == .quarantine ? rows : 0))
        try checkOrder(numbers, timestamps)
        let numberKeys = try lines.bytes.span.bytes.withUnsafeBytes { (bytes) throws(StoreError) -> [UInt64] in
            try write(bytes, lines)
            return try makeNumberKeys(bytes, lines)
        }
        try index.add(series: numbers, timestamps: timestamps, numberKeys: numberKeys, ids: ids)
        earliest = min(earliest, index.groups[index.groups.count - 1].earliest)
        latest = max(latest, index.groups[index.groups.count - 1].latest)
    }

    /// Rows out of order would be found by no search; a group that cannot be written must not end the process either.
    private func checkOrder(_ numbers: [UInt32], _ timestamps: [Int64]) throws(StoreError) {
        var span = GroupSpan(timestamps[0])
        // A key is in its family once; raw records and outliers of one row may be several.
        let step: Int64 = family == .tickers ? 1 : 0
        for row in 1..<max(1, numbers.count) {
            span.add(timestamps[row])
            guard numbers[row] > numbers[row - 1] || (numbers[row] == numbers[row - 1] && timestamps[row] - timestamps[row - 1] >= step) else {
                throw StoreError(.corrupt, "\(dataOut.path): row \(row) of a group to be written is out of order; this is a fault of the program")
            }
        }
        guard span.fits else {
            throw StoreError(.corrupt, "\(dataOut.path): the times of a group to be written are too far apart; this is a fault of the program")
        }
    }

    private func write(_ bytes: UnsafeRawBufferPointer, _ lines: LineBuffer) throws(StoreError) {
        blocks.beginGroup()
        for row in lines.starts.indices {
            let line = bytes.slice(lines.starts[row]..<lines.starts[row] + lines.lengths[row])
            guard firstNewline(in: line, from: 0) == nil else {
                throw StoreError(
                    .corrupt,
                    "\(dataOut.path): row \(row) of a group to be written has a newline in its line; this is a fault of the program"
                )
            }
            try blocks.append(line)
        }
        try blocks.endGroup()
    }

    /// The number keys of all rows, field by field; nothing in other families than tickers.
    private func makeNumberKeys(_ bytes: UnsafeRawBufferPointer, _ lines: LineBuffer) throws(StoreError) -> [UInt64] {
        guard family == .tickers else { return [] }
        let rows = lines.starts.count
        var keys = [UInt64](repeating: 0, count: NumberField.allCases.count * rows)
        let text = bytes.bindMemory(to: UInt8.self).span
        for row in 0..<rows {
            let line = text.extracting(lines.starts[row]..<lines.starts[row] + lines.lengths[row])
            guard let layout = TickerLineLayout(line) else {
                throw StoreError(.corrupt, "\(dataOut.path): row \(row) of a group to be written is no row; this is a fault of the program")
            }
            for field in NumberField.allCases { keys[field.rawValue * rows + row] = NumberKey.encode(line.extracting(layout[field])) }
        }
        return keys
    }

    /// Ends both files and syncs them; their names are not durable yet.
    ///
    /// - Parameter recorded: When the rows were fetched or recorded, milliseconds since 1970.
    /// - Returns: what the manifest is to say of the segment; all rows are live.
    func finish(recorded: ClosedRange<Int64>) throws(StoreError) -> SegmentInfo {
        precondition(index.rows > 0, "a segment without rows")
        try blocks.finish()
        try dataOut.finish()
        let (indexBytes, indexCRC) = try index.finish(series: series, blocks: blocks.blocks)
        var live: [String: Int] = [:]
        for (number, rows) in index.seriesRows.enumerated() where rows > 0 {
            live[String(decoding: series[number].source, as: UTF8.self), default: 0] += rows
        }
        return SegmentInfo(
            family: family,
            id: id,
            rows: index.rows,
            earliest: earliest,
            latest: latest,
            bytes: dataOut.offset,
            crc: dataOut.crc,
            indexBytes: indexBytes,
            indexCRC: indexCRC,
            live: live,
            recorded: recorded,
            dead: nil
        )
    }

    /// Gives both files their names. The caller then syncs the directory. When it throws, neither has its name.
    func rename() throws(StoreError) {
        let data = directory + "/" + SegmentInfo.dataName(id)
        try storing { () throws(FileError) in
            try fileSystem.rename(Self.temporary(directory, SegmentInfo.dataName(id)), to: data)
            do throws(FileError) {
                try fileSystem.rename(Self.temporary(directory, SegmentInfo.indexName(id)), to: directory + "/" + SegmentInfo.indexName(id))
            } catch {
                try? fileSystem.remove(data)
                throw error
            }
        }
    }

    /// Removes the files under their temporary names, as far as they are there. Files that `rename` has named stay: a manifest may list them.
    func abandon() {
        Self.removeTemporaryFiles(directory, id, fileSystem)
    }

    private static func removeTemporaryFiles(_ directory: String, _ id: UInt64, _ fileSystem: any FileSystem) {
        for name in [SegmentInfo.dataName(id), SegmentInfo.indexName(id)] { try? fileSystem.remove(temporary(directory, name)) }
    }

    private static func temporary(_ directory: String, _ name: String) -> String { directory + "/" + SegmentFormat.temporary(name) }
}
