import MarketData

/// A sealed segment of another family than the rows. Lines of the quarantine die when their records are taken out; those of the other families never do.
struct FamilySlot: Sendable {
    let segment: Segment
    /// As the newest manifest has it.
    var info: SegmentInfo
    /// Quarantine only: the columns of the groups, whose series are numbered as in the segment.
    private let columns: [RowGroup]
    /// By group; empty while no line is dead.
    private var dead: [DeadRows] = []
    /// Now; the manifest learns of them with the next seal.
    private(set) var deadRows = 0
    /// Live lines by source, now.
    private(set) var live: [String: Int]

    /// - Parameter bits: One bit a line, set: dead; empty: all live.
    init(segment: Segment, info: SegmentInfo, dead bits: [UInt64] = []) {
        self.segment = segment
        self.info = info
        live = info.live
        columns = info.family == .quarantine ? segment.makeRowGroups(seriesNumbers: (0..<segment.seriesCount).map(UInt32.init)) : []
        if bits.isEmpty { return }
        dead = segment.groups.map { DeadRows(bits: bits, from: $0.firstRow, count: $0.rows) }
        deadRows = dead.reduce(0) { $0 + $1.count }
    }

    var liveRows: Int { info.rows - deadRows }

    /// Its groups, and the series that they name, of this segment alone: nobody looks for series in these families, and
    /// opening would spend most of its time with them.
    func groups() -> (views: [GroupView], table: SeriesTable) {
        let table = SeriesTable(onlyOf: segment)
        return (views(seriesNumbers: table.rank), table)
    }

    /// Its groups.
    ///
    /// - Parameter seriesNumbers: The caller's number of each series of the segment.
    func views(seriesNumbers: [UInt32]) -> [GroupView] {
        segment.makeRowGroups(seriesNumbers: seriesNumbers).enumerated().map { number, group in
            GroupView(group: group, dead: dead.isEmpty ? DeadRows() : dead[number])
        }
    }

    func isDead(_ row: Int) -> Bool {
        if dead.isEmpty { return false }
        let group = segment.index.group(ofRow: row)
        return dead[group].contains(row - segment.groups[group].firstRow)
    }

    /// One bit a line: dead; empty when none is.
    var deadWords: [UInt64] {
        if deadRows == 0 { return [] }
        var words = [UInt64](repeating: 0, count: (info.rows + 63) / 64)
        for (entry, dead) in zip(segment.groups, dead) {
            for row in dead.rows { words[(entry.firstRow + row) / 64] |= 1 << UInt64((entry.firstRow + row) % 64) }
        }
        return words
    }

    // MARK: Quarantined records

    /// The live line of a quarantined record; nil when it has none here.
    func row(ofID id: RecordDigest) -> Int? { segment.rows(ofID: id).first { !isDead($0) } }

    /// Checks what `markDead` will read.
    ///
    /// - Throws: `.corrupt`.
    func check(_ row: Int) throws(StoreError) { try columns[segment.index.group(ofRow: row)].check() }

    /// Takes a line out that is live and was checked.
    mutating func markDead(_ row: Int) {
        if dead.isEmpty { dead = [DeadRows](repeating: DeadRows(), count: segment.groups.count) }
        let number = segment.index.group(ofRow: row)
        let place = row - segment.groups[number].firstRow
        guard dead[number].insert(place, of: segment.groups[number].rows) else { return }
        deadRows += 1
        let series = segment.seriesKey(Int(columns[number].series(ofRun: columns[number].run(ofRow: place))))
        live[String(decoding: series.source, as: UTF8.self), default: 0] -= 1
    }

    /// The ids within bounds of live lines.
    func ids(in bounds: ClosedRange<RecordDigest>) -> [RecordDigest] { segment.ids(in: bounds).filter { !isDead($0.row) }.map(\.id) }
}
