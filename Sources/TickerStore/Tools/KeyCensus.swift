import MarketData

/// Walks the keys of all segments of rows side by side and says of each row whether it is dead as it should be.
///
/// The rule (`FORMAT.md`, Manifest): of the rows with one key the one in the segment with the highest id is the newest. Older ones are dead; the
/// newest is, if the log has a row with the key.
struct KeyCensus {
    /// One segment of rows.
    struct Member {
        var segment: Segment
        /// Orders it among the others; its id, or that of the segment whose rows it holds.
        var order: UInt64
        /// One bit a row; empty: none is dead.
        var dead: [UInt64]
    }

    /// What is wrong in one segment.
    struct Result {
        /// One bit a row: dead, as it should be.
        var dead: [UInt64]
        /// Live rows that a newer row has replaced.
        var shouldBeDead = RowsInWords(.tickers)
        /// Dead rows for which there is no newer one.
        var revived = RowsInWords(.tickers)
        /// Live rows by source, as they should be.
        var live: [String: Int] = [:]
    }

    private var table: SeriesTable
    /// By order.
    private var members: [Member] = []
    private var groups: [GroupView] = []
    /// Of each group: its member.
    private var owners: [Int] = []
    private let log: LogKeys
    private(set) var results: [Result] = []
    /// Live rows of segments and log together.
    private(set) var rows = 0

    /// - Parameter members: In any order; `results` follow them by their `order`.
    init(_ members: [Member], log: LogKeys) {
        self.log = log
        table = log.table
        self.members = members.sorted { $0.order < $1.order }
        for (number, member) in self.members.enumerated() {
            let numbers = table.numbers(for: member.segment)
            for group in member.segment.makeRowGroups(seriesNumbers: numbers) {
                groups.append(GroupView(group: group))
                owners.append(number)
            }
        }
    }

    /// - Parameter revives: Whether a dead row without a newer one is to live again.
    /// - Throws: `.corrupt` when columns are damaged.
    mutating func run(revives: Bool) throws(StoreError) {
        results = members.map { Result(dead: $0.dead.isEmpty ? [UInt64](repeating: 0, count: ($0.segment.rowCount + 63) / 64) : $0.dead) }
        rows = log.count
        var scan = try RowScan(groups, filter: ScanFilter(), rank: table.rank, direction: .ascending)
        // Of the rows with one key the older segment's come first: each is judged when the next key, or a newer row, is seen.
        var open: (place: RowScan.Place, series: UInt32, timestamp: Int64)?
        while let place = scan.current {
            let (series, timestamp) = (scan.series, scan.timestamp)
            if let open { judge(open, hasNewer: open.series == series && open.timestamp == timestamp, revives: revives) }
            open = (place, series, timestamp)
            try scan.advance()
        }
        if let open { judge(open, hasNewer: false, revives: revives) }
    }

    private mutating func judge(_ row: (place: RowScan.Place, series: UInt32, timestamp: Int64), hasNewer: Bool, revives: Bool) {
        let member = owners[Int(row.place.group)]
        guard case .segment(_, let firstRow) = groups[Int(row.place.group)].group.lines else { return }
        let number = firstRow + Int(row.place.row)
        let mask = UInt64(1) << UInt64(number % 64)
        let isInLog = log.contains(series: row.series, row.timestamp)
        var isDead = results[member].dead[number / 64] & mask != 0
        if hasNewer, !isDead {
            results[member].shouldBeDead.add(table.keys[Int(row.series)], row.timestamp)
            results[member].dead[number / 64] |= mask
            isDead = true
        }
        if isDead, !hasNewer, !isInLog {
            results[member].revived.add(table.keys[Int(row.series)], row.timestamp)
            if revives {
                results[member].dead[number / 64] &= ~mask
                isDead = false
            }
        }
        if isDead { return }
        results[member].live[String(decoding: table.keys[Int(row.series)].source, as: UTF8.self), default: 0] += 1
        if !isInLog { rows += 1 }
    }
}
