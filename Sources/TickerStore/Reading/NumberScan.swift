import MarketData

/// Finds a page in the order of a number: one pass over the key columns of all groups, then the literals of those rows alone whose keys
/// leave their order open.
///
/// Time grows with the rows of the groups, at a few nanoseconds a row, and not with the depth of the page. Literals are read of rows that
/// have more than 16 digits and share the first 16 with the place to go on from, or with another row of the page. There may be
/// more such rows than a page has only when so many rows share 16 digits and go on behind them.
struct NumberScan {
    private let views: [GroupView]
    private let rank: [UInt32]
    private let filter: ScanFilter
    private let order: NumberOrder
    private let lines: LineFetcher
    private let after: Bound?
    private let skip: Int
    private let limit: Int
    /// Rows whose keys are exact, and others.
    private var exact: NumberSelection
    private var others: NumberSelection
    /// Rows that may be before or behind `after`.
    private var open: [NumberCandidate] = []

    /// The place to go on from.
    private struct Bound {
        var literal: [UInt8]
        var key: UInt64
        /// Its group and row mean nothing.
        var candidate: NumberCandidate
    }

    /// Rows whose lines are read at a time.
    private static let readRows = 4_096

    init(_ query: RowQuery, order: NumberOrder, views: [GroupView], table: SeriesTable, cache: BlockCache) {
        self.views = views
        self.order = order
        rank = table.rank
        filter = ScanFilter(query, table: table)
        lines = LineFetcher(groups: views, cache: cache)
        skip = query.skip
        limit = query.limit
        after = query.after.map { after in
            let key = NumberKey.encode(after.literal.span)
            let tie = order.tie(position: table.position(of: after.series), timestamp: after.timestamp.milliseconds)
            let candidate = NumberCandidate(
                digits: order.digits(key),
                time: tie.time,
                series: tie.series,
                group: -1,
                row: -1,
                isExact: NumberKey.isExact(key)
            )
            return Bound(literal: after.literal, key: key, candidate: candidate)
        }
        // One more tells whether rows follow.
        exact = NumberSelection(limit: query.skip + query.limit + 1, keepsEqualDigits: false)
        others = NumberSelection(limit: query.skip + query.limit + 1, keepsEqualDigits: true)
    }

    /// The rows of the page, and whether more follow.
    ///
    /// - Throws: `.corrupt`, `.inputOutput`.
    mutating func run() throws(StoreError) -> (places: [RowScan.Place], hasMore: Bool) {
        if filter.series?.isEmpty != true {
            for (index, view) in views.enumerated() where filter.meets(view.group) { try scan(view, Int32(index)) }
        }
        try closeOpen()
        exact.shrink()
        others.shrink()
        var found = exact.kept + others.kept
        found.sort(by: <)
        try settle(&found)
        return (found.dropFirst(skip).prefix(limit).map(\.place), found.count > skip + limit)
    }

    // MARK: Keys

    private mutating func scan(_ view: GroupView, _ index: Int32) throws(StoreError) {
        let group = view.group
        try group.check()
        let keys = try group.numberKeys(order.field)
        if filter.series == nil {
            for run in 0..<group.runs { scan(group.rows(ofRun: run), ofRun: run, view, keys, index) }
        } else {
            for rows in filter.rows(in: group, rank: rank) { scan(rows, ofRun: group.run(ofRow: rows.lowerBound), view, keys, index) }
        }
    }

    /// Looks at the rows of one series in a group.
    @inline(__always)
    private mutating func scan(_ all: Range<Int>, ofRun run: Int, _ view: GroupView, _ keys: NumberKeys, _ index: Int32) {
        let group = view.group
        let position = 2 * Int(rank[Int(group.series(ofRun: run))]) + 1
        let first = after?.candidate.digits ?? 0
        for row in filter.rowsInTime(all, of: group) {
            let key = keys[row]
            let digits = order.digits(key)
            if digits < first || (digits > exact.lastDigits && digits > others.lastDigits) || view.dead.contains(row) { continue }
            let tie = order.tie(position: position, timestamp: group.timestamp(row))
            let isExact = NumberKey.isExact(key)
            let candidate = NumberCandidate(
                digits: digits,
                time: tie.time,
                series: tie.series,
                group: index,
                row: Int32(row),
                isExact: isExact
            )
            if let after, digits == after.candidate.digits {
                if isExact, after.candidate.isExact {
                    guard after.candidate.isTieBefore(candidate) else { continue }
                } else if isExact {
                    // The place to go on from has more digits, and its literal is at hand.
                    guard order.precedes(after.key, key) else { continue }
                } else {
                    open.append(candidate)
                    continue
                }
            }
            if isExact { exact.add(candidate) } else { others.add(candidate) }
        }
    }

    // MARK: Literals

    /// Takes over the open rows that are behind `after`.
    private mutating func closeOpen() throws(StoreError) {
        guard let after, !open.isEmpty else { return }
        let literals = try literals(of: open[...])
        for (index, candidate) in open.enumerated() {
            let comparison = literals.compare(after.literal, with: index, in: order)
            if comparison < 0 || (comparison == 0 && after.candidate.isTieBefore(candidate)) { others.add(candidate) }
        }
        open = []
    }

    /// Puts those rows of the page in order whose keys do not say it.
    private func settle(_ found: inout [NumberCandidate]) throws(StoreError) {
        var start = 0
        while start < min(found.count, skip + limit + 1) {
            var end = start + 1
            var isOpen = !found[start].isExact
            while end < found.count, found[end].digits == found[start].digits {
                isOpen = isOpen || !found[end].isExact
                end += 1
            }
            // What is left out in front of the page may be left out in any order.
            if isOpen, end - start > 1, end > skip {
                let rows = found[start..<end]
                let literals = try literals(of: rows)
                let sorted = rows.indices.sorted { a, b in
                    let comparison = literals.compare(a - start, with: b - start, in: order)
                    return comparison == 0 ? found[a].isTieBefore(found[b]) : comparison < 0
                }
                found.replaceSubrange(start..<end, with: sorted.map { found[$0] })
            }
            start = end
        }
    }

    private func literals(of rows: ArraySlice<NumberCandidate>) throws(StoreError) -> NumberLiterals {
        var literals = NumberLiterals(of: order.field)
        var start = rows.startIndex
        while start < rows.endIndex {
            let end = min(rows.endIndex, start + Self.readRows)
            try literals.append(try lines.fetch(rows[start..<end].map(\.place)))
            start = end
        }
        return literals
    }
}
