import MarketData

/// Makes the index of a segment anew from its lines alone, byte for byte as `SegmentWriter` wrote it; one group in memory at a time.
struct SegmentIndexRebuild {
    /// What was made, and what the lines say of themselves.
    struct Outcome: Equatable {
        var rows: Int
        /// Milliseconds since 1970.
        var earliest: Int64
        var latest: Int64
        /// Bytes of the lines file, and the CRC of all of them.
        var bytes: Int
        var crc: UInt32
        /// Bytes of the index, and the CRC of all of them.
        var indexBytes: Int
        var indexCRC: UInt32
        /// Rows by the name of their source, dead ones included.
        var sources: [String: Int]
    }

    private let path: String
    private var walker: BlockWalker
    private var index: IndexFileWriter
    private var keys: LineKeys
    private var blocks: [BlockEntry] = []
    private var group = GroupKeys()
    /// The group that `group` collects.
    private var groupNumber = 0
    /// The beginning of a line that fills several blocks.
    private var openLine: [UInt8] = []
    private var earliest = Int64.max
    private var latest = Int64.min
    private var crc: UInt32 = 0

    /// What the index needs of the rows of one group.
    private struct GroupKeys {
        var series: [UInt32] = []
        var timestamps: [Int64] = []
        var numberKeys: [[UInt64]] = Array(repeating: [], count: NumberField.allCases.count)
        var ids: [RecordDigest] = []
    }

    /// Writes the index under a temporary name, syncs it, renames it over the old one and syncs the directory.
    ///
    /// - Parameters:
    ///   - directory: The family's directory.
    ///   - expected: What the manifest says; nil when it is not to be asked. Lines that differ from it get no index.
    /// - Throws: `.corrupt` naming the lines file and the offset when the lines are damaged too; the old index is then untouched.
    @discardableResult
    static func run(
        family: Family,
        id: UInt64,
        storeID: StoreID,
        directory: String,
        fileSystem: any FileSystem,
        expected: SegmentInfo? = nil
    ) throws(StoreError) -> Outcome {
        var outcome = try run(family: family, id: id, storeID: storeID, directory, fileSystem, expected, SegmentFormat.indexVersion)
        // A segment of an earlier program: the manifest lists the index that one wrote.
        if let expected, outcome.indexCRC != expected.indexCRC {
            outcome = try run(family: family, id: id, storeID: storeID, directory, fileSystem, expected, SegmentFormat.oldestIndexVersion)
        }
        return outcome
    }

    private static func run(
        family: Family,
        id: UInt64,
        storeID: StoreID,
        _ directory: String,
        _ fileSystem: any FileSystem,
        _ expected: SegmentInfo?,
        _ version: UInt16
    ) throws(StoreError) -> Outcome {
        let path = directory + "/" + SegmentInfo.dataName(id)
        let file = try storing { () throws(FileError) in try fileSystem.open(path, .read) }
        let temporary = directory + "/" + SegmentFormat.temporary(SegmentInfo.indexName(id))
        do throws(StoreError) {
            let out = try FileAppender(path: temporary, fileSystem: fileSystem)
            let writer = try IndexFileWriter(family: family, segmentID: id, storeID: storeID, out: out, version: version)
            var rebuild = SegmentIndexRebuild(
                path: path,
                walker: try BlockWalker(file, segmentID: id),
                index: writer,
                keys: LineKeys(family: family)
            )
            let outcome = try rebuild.run()
            if let expected, expected.rows != outcome.rows || expected.bytes != outcome.bytes || expected.crc != outcome.crc {
                throw .corrupt(path, offset: 0, "these are not the lines that the manifest lists. \(SegmentFormat.dataAdvice)")
            }
            try storing { () throws(FileError) in
                try fileSystem.rename(temporary, to: directory + "/" + SegmentInfo.indexName(id))
                try fileSystem.syncDirectory(directory)
            }
            return outcome
        } catch {
            try? fileSystem.remove(temporary)
            throw error
        }
    }

    private init(path: String, walker: BlockWalker, index: IndexFileWriter, keys: LineKeys) {
        self.path = path
        self.walker = walker
        self.index = index
        self.keys = keys
    }

    private mutating func run() throws(StoreError) -> Outcome {
        while let step = try walker.next() {
            switch step {
            case .damage(let damage): throw self.damage(damage.offset, damage.what)
            case .block(let block):
                if block.group != groupNumber { try endGroup(at: block.offset) }
                try add(block)
            }
        }
        try endGroup(at: walker.offset)
        crc = SegmentFormat.endMark.withUnsafeBytes { crc32($0, seed: crc) }
        let (indexBytes, indexCRC) = try index.finish(series: keys.series, blocks: blocks)
        var sources: [String: Int] = [:]
        for (number, rows) in index.seriesRows.enumerated() {
            sources[String(decoding: keys.series[number].source, as: UTF8.self), default: 0] += rows
        }
        return Outcome(
            rows: index.rows,
            earliest: earliest,
            latest: latest,
            bytes: walker.size,
            crc: crc,
            indexBytes: indexBytes,
            indexCRC: indexCRC,
            sources: sources
        )
    }

    private mutating func add(_ block: BlockWalker.Block) throws(StoreError) {
        blocks.append(BlockEntry(offset: UInt64(block.offset), firstRow: UInt32(block.firstRow), crc: block.crc))
        crc = combineCRC(crc, block.crc, secondLength: block.length)
        guard group.series.count + block.rows <= GroupColumns.maximumRows else { throw damage(block.offset, "a group of too many rows") }
        if openLine.isEmpty, block.bytes.last == 0x0A {
            try addLines(of: block.bytes, at: block.offset)
        } else {
            openLine += block.bytes
            guard openLine.last == 0x0A else { return }
            try addLines(of: openLine, at: block.offset)
            openLine = []
        }
    }

    /// Reads the keys of whole lines.
    private mutating func addLines(of text: [UInt8], at offset: Int) throws(StoreError) {
        try text.span.bytes.withUnsafeBytes { (bytes) throws(StoreError) in
            var start = 0
            while let end = firstNewline(in: bytes, from: start) {
                guard let key = keys.read(bytes.slice(start..<end), numberKeys: &group.numberKeys) else {
                    throw damage(offset, "a line that is none of \(index.family.name)")
                }
                group.series.append(key.series)
                group.timestamps.append(key.timestamp)
                if let id = key.id { group.ids.append(id) }
                start = end + 1
            }
        }
    }

    /// Hands the rows collected so far to the index; `offset` is where the next group begins.
    private mutating func endGroup(at offset: Int) throws(StoreError) {
        guard let first = group.timestamps.first else { throw damage(offset, "a group without rows") }
        var span = GroupSpan(first)
        for row in group.timestamps.indices.dropFirst() {
            span.add(group.timestamps[row])
            let order = group.series[row] == group.series[row - 1] ? group.timestamps[row - 1] <= group.timestamps[row] : isAscending(row)
            guard order else { throw damage(offset, "rows of the group before it are out of order") }
        }
        guard span.fits else { throw damage(offset, "the times of the group before it are too far apart") }
        try index.add(series: group.series, timestamps: group.timestamps, numberKeys: Array(group.numberKeys.joined()), ids: group.ids)
        earliest = min(earliest, span.earliest)
        latest = max(latest, span.latest)
        group = GroupKeys()
        groupNumber += 1
    }

    private func isAscending(_ row: Int) -> Bool {
        keys.series[Int(group.series[row - 1])] < keys.series[Int(group.series[row])]
    }

    private func damage(_ offset: Int, _ what: String) -> StoreError { .corrupt(path, offset: offset, "\(what). \(SegmentFormat.dataAdvice)") }
}
