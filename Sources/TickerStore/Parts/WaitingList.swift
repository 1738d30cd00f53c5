import MarketData

/// The quarantined records of one log file: which of them wait, and where each lies.
struct WaitingList {
    /// A record in the file.
    struct Entry: Sendable {
        var id: RecordDigest
        /// Milliseconds since 1970.
        var recordedAt: Int64
        /// The number of its source in `RowTables.quarantineSeries`.
        var series: UInt32
        /// The payload that holds it, and how long that one's head is.
        var payload: UInt32
        var headLength: UInt32
        var isHeaded: Bool
        /// The record itself in the file.
        var offset: UInt32
        var length: UInt32
    }

    /// Entries that become row groups together. The rest is copied with each commit that adds to it.
    static let chunkLength = 4_096

    /// The numbers, by order of coming, of those that wait.
    private var numbers: [RecordDigest: Int] = [:]
    private(set) var shown: Shown
    /// All that were written, those taken out included.
    private(set) var written = 0

    /// What readers see; copied with each snapshot, so it has no hash table.
    struct Shown: Sendable {
        let file: any File
        let path: String
        /// Whole stretches of `chunkLength` entries.
        fileprivate var chunks: [Chunk] = []
        fileprivate var tail: [Entry] = []
        fileprivate var deadTail = DeadRows()
    }

    fileprivate struct Chunk: Sendable {
        var views: [GroupView]
        /// By entry: its group, and its row there.
        let places: [(view: UInt16, row: UInt16)]
    }

    init(file: any File, path: String) { shown = Shown(file: file, path: path) }

    func contains(_ id: RecordDigest) -> Bool { numbers[id] != nil }

    /// Adds a record whose id does not wait here.
    ///
    /// - Parameter rank: Of every series now.
    mutating func append(_ entry: Entry, rank: [UInt32]) {
        numbers[entry.id] = written
        written += 1
        shown.tail.append(entry)
        if shown.tail.count == Self.chunkLength { shown.closeTail(rank: rank) }
    }

    /// Takes a record out; false when it does not wait here.
    mutating func remove(_ id: RecordDigest) -> Bool {
        guard let number = numbers.removeValue(forKey: id) else { return false }
        shown.markDead(number)
        return true
    }

    /// Where in the file the records lie that were taken out.
    var removedOffsets: Set<Int> {
        var offsets: Set<Int> = []
        for chunk in shown.chunks {
            for view in chunk.views where view.dead.count > 0 {
                for row in view.dead.rows { offsets.insert(Int(view.group.waitingLines.entry(row).offset)) }
            }
        }
        for row in shown.deadTail.rows { offsets.insert(Int(shown.tail[row].offset)) }
        return offsets
    }
}

extension WaitingList.Shown {
    /// The groups of all records.
    ///
    /// - Parameter rank: Of every series now.
    func views(rank: [UInt32]) -> [GroupView] {
        var views = chunks.flatMap(\.views)
        if tail.count > deadTail.count { views += chunk(rank: rank).views }
        return views
    }

    /// The record with an id, if it waits here.
    func record(_ id: RecordDigest) throws(StoreError) -> WaitingRecord? {
        for chunk in chunks {
            for view in chunk.views {
                let lines = view.group.waitingLines
                if let row = lines.rows.first(where: { !view.dead.contains($0) && lines.entry($0).id == id }) { return try lines.record(of: row) }
            }
        }
        guard let row = tail.indices.first(where: { !deadTail.contains($0) && tail[$0].id == id }) else { return nil }
        return try WaitingLines(file: file, path: path, entries: [tail[row]], order: [0]).record(of: 0)
    }

    /// The ids within bounds of records that wait here.
    func ids(in bounds: ClosedRange<RecordDigest>) -> [RecordDigest] {
        var found: [RecordDigest] = []
        for chunk in chunks {
            for view in chunk.views {
                let lines = view.group.waitingLines
                for row in lines.rows where !view.dead.contains(row) && bounds.contains(lines.entry(row).id) { found.append(lines.entry(row).id) }
            }
        }
        for row in tail.indices where !deadTail.contains(row) && bounds.contains(tail[row].id) { found.append(tail[row].id) }
        return found
    }

    fileprivate mutating func closeTail(rank: [UInt32]) {
        chunks.append(chunk(rank: rank))
        tail.removeAll()
        deadTail = DeadRows()
    }

    fileprivate mutating func markDead(_ number: Int) {
        let length = WaitingList.chunkLength
        guard number / length < chunks.count else {
            deadTail.insert(number % length, of: length)
            return
        }
        let place = chunks[number / length].places[number % length]
        let rows = chunks[number / length].views[Int(place.view)].group.count
        chunks[number / length].views[Int(place.view)].dead.insert(Int(place.row), of: rows)
    }

    /// The tail as groups.
    private func chunk(rank: [UInt32]) -> WaitingList.Chunk {
        let keys = tail.map { GroupCutter.Key(rank: rank[Int($0.series)], series: $0.series, timestamp: $0.recordedAt) }
        var places = [(view: UInt16, row: UInt16)](repeating: (0, 0), count: tail.count)
        var views: [GroupView] = []
        for piece in GroupCutter.cut(keys) {
            let lines = WaitingLines(file: file, path: path, entries: tail, order: piece.order)
            var view = GroupView(group: RowGroup(piece.columns, lines: .composed(lines)))
            for (row, entry) in piece.order.enumerated() {
                places[entry] = (UInt16(views.count), UInt16(row))
                if deadTail.contains(entry) { view.dead.insert(row, of: piece.order.count) }
            }
            views.append(view)
        }
        return WaitingList.Chunk(views: views, places: places)
    }
}

/// Makes the lines of quarantined records that are not sealed yet; the records are read from the log.
struct WaitingLines: LineComposer {
    let file: any File
    let path: String
    let entries: [WaitingList.Entry]
    /// The entry of each row.
    let order: [Int]

    var rows: Range<Int> { order.indices }

    func entry(_ row: Int) -> WaitingList.Entry { entries[order[row]] }

    func appendLine(of row: Int, to out: inout [UInt8]) throws(StoreError) {
        try record(of: row).appendLine(to: &out)
    }

    func record(of row: Int) throws(StoreError) -> WaitingRecord {
        let entry = entry(row)
        // From the LSN on, which is in the log record's own header.
        let behind = LogRecordHeader.bytesFromLSN
        let before = try file.bytes(at: Int(entry.payload) - behind, count: behind + Int(entry.headLength))
        let bytes = try file.bytes(at: Int(entry.offset), count: Int(entry.length))
        let record = before.withUnsafeBytes { before in
            bytes.withUnsafeBytes { bytes -> WaitingRecord? in
                guard before.count > behind else { return nil }
                let head = before.slice(behind..<before.count)
                guard let known = try? QuarantinePayload.head(head, isHeaded: entry.isHeaded), let found = try? QuarantinePayload.entry(bytes, at: 0)
                else { return nil }
                return WaitingRecord(known, head: head, found, in: bytes, lsn: before.integer(UInt64.self, at: 0))
            }
        }
        guard let record else {
            throw .corrupt(path, offset: Int(entry.offset), "a quarantined record cannot be read back; check the disk. \(LogRecovery.advice)")
        }
        return record
    }
}

extension RowGroup {
    /// How the lines of a group in a `WaitingList` are made.
    var waitingLines: WaitingLines {
        guard case .composed(let composer) = lines, let lines = composer as? WaitingLines else { preconditionFailure("no group of a waiting list") }
        return lines
    }
}
