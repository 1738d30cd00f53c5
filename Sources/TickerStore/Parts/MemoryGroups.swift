/// The groups of one log file's rows, merged in tiers so that a scan never asks more than a few dozen.
struct MemoryGroups: Sendable {
    /// Groups of about one size that are merged into one.
    private static let fanIn = 8

    let file: any File
    let path: String
    private(set) var views: [GroupView] = []

    init(file: any File, path: String) {
        self.file = file
        self.path = path
    }

    /// Adds rows, which need not be sorted, and merges what has become too many groups.
    mutating func append(_ rows: [PartRow], rank: [UInt32]) {
        views.append(contentsOf: Self.groups(of: rows, file: file, path: path).map { GroupView(group: $0) })
        while let start = mergeStart() { merge(from: start, rank: rank) }
    }

    /// Where the newest `fanIn` groups of one tier begin, if there are that many.
    private func mergeStart() -> Int? {
        guard let last = views.last else { return nil }
        let tier = Self.tier(last.group.count)
        var start = views.count
        var rows = 0
        while start > 0, Self.tier(views[start - 1].group.count) <= tier {
            start -= 1
            rows += views[start].liveCount
        }
        guard views.count - start >= Self.fanIn, rows <= GroupColumns.maximumRows else { return nil }
        var span = GroupSpan(last.group.earliest)
        for view in views[start...] { span.add(view.group) }
        return span.fits ? start : nil
    }

    /// 0 for up to 1,024 rows, one more for each factor of `fanIn`.
    private static func tier(_ rows: Int) -> Int {
        var tier = 0
        var size = 1_024
        while rows > size {
            size *= fanIn
            tier += 1
        }
        return tier
    }

    private mutating func merge(from start: Int, rank: [UInt32]) {
        var rows: [PartRow] = []
        rows.reserveCapacity(views[start...].reduce(0) { $0 + $1.liveCount })
        for view in views[start...] { Self.appendLiveRows(of: view, rank: rank, to: &rows) }
        views.removeSubrange(start...)
        views.append(contentsOf: Self.groups(of: rows, file: file, path: path).map { GroupView(group: $0) })
    }

    private static func appendLiveRows(of view: GroupView, rank: [UInt32], to rows: inout [PartRow]) {
        let group = view.group
        guard case .log(_, _, let offsets, let lengths) = group.lines else { return }
        for run in 0..<group.runs {
            let series = group.series(ofRun: run)
            for row in group.rows(ofRun: run) where !view.dead.contains(row) {
                rows.append(
                    PartRow(rank: rank[Int(series)], series: series, timestamp: group.timestamp(row), offset: offsets[row], length: lengths[row])
                )
            }
        }
    }

    /// Marks the row of a key whose line lies at `offset` as superseded.
    mutating func markDead(series: UInt32, timestamp: Int64, offset: Int, rank: [UInt32]) {
        for index in views.indices.reversed() {
            let group = views[index].group
            guard case .log(_, _, let offsets, _) = group.lines else { continue }
            for row in group.rows(series: series, timestamp: timestamp, rank: rank) where offsets[row] == UInt64(offset) {
                views[index].dead.insert(row, of: group.count)
                return
            }
        }
        assertionFailure("a superseded row is in no group")
    }

    private static func groups(of rows: [PartRow], file: any File, path: String) -> [RowGroup] {
        GroupCutter.cut(rows.map { GroupCutter.Key(rank: $0.rank, series: $0.series, timestamp: $0.timestamp) }).map { piece in
            RowGroup(
                piece.columns,
                lines: .log(file, path: path, offsets: piece.order.map { rows[$0].offset }, lengths: piece.order.map { rows[$0].length })
            )
        }
    }
}

/// A row on its way into a group.
struct PartRow {
    var rank: UInt32
    var series: UInt32
    var timestamp: Int64
    /// Of the line in the log file.
    var offset: UInt64
    /// Of the line, without its newline.
    var length: UInt16
}
