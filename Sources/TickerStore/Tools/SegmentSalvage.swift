import MarketData

/// Reads every line of a damaged lines file that can still be read, with its key.
struct SegmentSalvage {
    struct Row {
        /// Its number in the file.
        var number: Int
        var group: Int
        var key: SeriesKey
        var timestamp: Int64
        var id: RecordDigest?
        var line: [UInt8]
    }

    private var walker: BlockWalker
    private var keys: LineKeys
    private var numberKeys: [[UInt64]] = Array(repeating: [], count: NumberField.allCases.count)
    private var openLine: (row: Int, group: Int, bytes: [UInt8])?
    /// Behind the last row that can be read.
    private(set) var rows = 0
    /// The segment's own index: lines that it does not know are another store's. nil: it is lost.
    private let index: IndexFile?

    init(family: Family, id: UInt64, file: any File, index: IndexFile? = nil) throws(StoreError) {
        self.index = index
        walker = try BlockWalker(file, segmentID: id)
        keys = LineKeys(family: family)
    }

    /// Gives each row in the order of the file; one block in memory.
    mutating func run(_ visit: (Row) throws(StoreError) -> Void) throws(StoreError) {
        while let step = try walker.next() {
            guard case .block(let block) = step, isKnown(block) else {
                openLine = nil
                continue
            }
            rows = max(rows, block.firstRow + block.rows)
            if block.rows == 0 {
                openLine?.bytes += block.bytes
            } else if block.rows == 1, block.bytes.last != 0x0A {
                openLine = (block.firstRow, block.group, block.bytes)
            } else {
                try read(block.bytes, from: block.firstRow, group: block.group, visit)
            }
            if let line = openLine, line.bytes.last == 0x0A {
                openLine = nil
                try read(line.bytes, from: line.row, group: line.group, visit)
            }
        }
    }

    private func isKnown(_ block: BlockWalker.Block) -> Bool {
        guard let index else { return true }
        return block.header.number < index.blockCount && index.block(block.header.number).crc == block.crc
    }

    private mutating func read(_ text: [UInt8], from firstRow: Int, group: Int, _ visit: (Row) throws(StoreError) -> Void) throws(StoreError) {
        try text.span.bytes.withUnsafeBytes { (bytes) throws(StoreError) in
            var start = 0
            var row = firstRow
            while let end = firstNewline(in: bytes, from: start) {
                for field in numberKeys.indices { numberKeys[field].removeAll(keepingCapacity: true) }
                let line = bytes.slice(start..<end)
                if let key = keys.read(line, numberKeys: &numberKeys) {
                    let series = keys.series[Int(key.series)]
                    try visit(Row(number: row, group: group, key: series, timestamp: key.timestamp, id: key.id, line: [UInt8](line)))
                }
                start = end + 1
                row += 1
            }
        }
    }
}

extension SegmentSalvage {
    /// Writes what can be read into a new segment and names its files; nil when that is nothing.
    ///
    /// - Parameters:
    ///   - old: The damaged segment, as the manifest has it.
    ///   - dead: One bit a row of the old segment.
    /// - Returns: What the manifest is to say, all rows live, and the dead rows by their new numbers.
    static func rewrite(
        _ old: SegmentInfo,
        index: IndexFile?,
        as id: UInt64,
        dead: [UInt64],
        directory: DataDirectory,
        storeID: StoreID
    ) throws(StoreError) -> (info: SegmentInfo, dead: [UInt64])? {
        let folder = directory.path(of: old.family)
        let file = try storing { () throws(FileError) in try directory.fileSystem.open(folder + "/" + old.dataName, .read) }
        var series: Set<SeriesKey> = []
        var names = try SegmentSalvage(family: old.family, id: old.id, file: file, index: index)
        try names.run { series.insert($0.key) }
        // More lines than were listed cannot be this segment's.
        if series.isEmpty || names.rows > old.rows { return nil }
        let keys = series.sorted()
        let writer = try SegmentWriter(
            family: old.family,
            id: id,
            storeID: storeID,
            series: keys,
            directory: folder,
            fileSystem: directory.fileSystem
        )
        do throws(StoreError) {
            var output = SalvagedGroups(writer: writer, keys: keys, dead: dead)
            var salvage = try SegmentSalvage(family: old.family, id: old.id, file: file, index: index)
            try salvage.run { (row) throws(StoreError) in try output.add(row) }
            try output.endGroup()
            let info = try writer.finish(recorded: old.recorded)
            try writer.rename()
            try directory.syncSegmentDirectories([old.family])
            return (info, output.newDead)
        } catch {
            writer.abandon()
            throw error
        }
    }
}

/// Gathers rows until their group is whole, and writes it.
private struct SalvagedGroups {
    let writer: SegmentWriter
    let keys: [SeriesKey]
    /// By the old numbers.
    let dead: [UInt64]
    private var rows: [SegmentSalvage.Row] = []
    private var written = 0
    private(set) var newDead: [UInt64] = []

    init(writer: SegmentWriter, keys: [SeriesKey], dead: [UInt64]) {
        self.writer = writer
        self.keys = keys
        self.dead = dead
    }

    mutating func add(_ row: SegmentSalvage.Row) throws(StoreError) {
        if let last = rows.last, last.group != row.group { try endGroup() }
        rows.append(row)
    }

    mutating func endGroup() throws(StoreError) {
        if rows.isEmpty { return }
        // In a good group they are in this order already.
        rows.sort { ($0.key, $0.timestamp, $0.number) < ($1.key, $1.timestamp, $1.number) }
        if writer.family == .tickers {
            var kept: [SegmentSalvage.Row] = []
            for row in rows {
                if let last = kept.last, last.key == row.key, last.timestamp == row.timestamp { kept.removeLast() }
                kept.append(row)
            }
            rows = kept
        }
        var lines = LineBuffer()
        for row in rows { lines.append(row.line) }
        try writer.add(
            series: rows.map { row in UInt32(partition(0..<keys.count) { keys[$0] >= row.key }) },
            timestamps: rows.map(\.timestamp),
            lines: lines,
            ids: writer.family == .quarantine ? rows.compactMap(\.id) : []
        )
        for (place, row) in rows.enumerated() {
            while newDead.count <= (written + place) / 64 { newDead.append(0) }
            guard row.number / 64 < dead.count, dead[row.number / 64] & (1 << UInt64(row.number % 64)) != 0 else { continue }
            newDead[(written + place) / 64] |= 1 << UInt64((written + place) % 64)
        }
        written += rows.count
        rows.removeAll(keepingCapacity: true)
    }
}
