import MarketData

extension Snapshot {
    /// Reads a page. Blocks on the disk: call it from a thread that may.
    ///
    /// - Throws: `.corrupt`, `.inputOutput`.
    package func page(_ query: RowQuery) throws(StoreError) -> RowPage {
        let (places, hasMore) = try places(query)
        var page = try page(places, hasMore: hasMore, field: query.order.field)
        if query.wantsLineage { page.lineage = try lineage(of: places) }
        return page
    }

    /// The rows that a filter lets through, newest first.
    func page(_ filter: ScanFilter, limit: Int) throws(StoreError) -> RowPage {
        var scan = try RowScan(groups, filter: filter, rank: series.rank, direction: .descending)
        let places = try Self.take(limit, skip: 0, from: &scan)
        return try page(places, hasMore: scan.current != nil)
    }

    /// Where the rows of a page are, and whether more follow.
    private func places(_ query: RowQuery) throws(StoreError) -> (places: [RowScan.Place], hasMore: Bool) {
        switch query.order {
        case .timestamp:
            let filter = ScanFilter(query, table: series)
            var scan = try RowScan(groups, filter: filter, rank: series.rank, direction: query.direction)
            let places = try Self.take(query.limit, skip: query.skip, from: &scan)
            return (places, scan.current != nil)
        case .symbol:
            let after = query.after.map { SeriesPlace(position: series.position(of: $0.series), timestamp: $0.timestamp.milliseconds) }
            let filter = ScanFilter(query, table: series)
            var scan = try SeriesScan(groups, filter: filter, rank: series.rank, direction: query.direction, after: after)
            let places = try Self.take(query.limit, skip: query.skip, from: &scan)
            return (places, scan.current != nil)
        case .source:
            let filter = ScanFilter(query, table: series)
            var scan = try SourceScan(groups, filter: filter, table: series, direction: query.direction, after: query.after)
            let places = try Self.take(query.limit, skip: query.skip, from: &scan)
            return (places, scan.current != nil)
        case .number(let field):
            let order = NumberOrder(field, query.direction, hasNullsFirst: query.hasNullsFirst)
            var scan = NumberScan(query, order: order, views: groups, table: series, cache: cache)
            return try scan.run()
        }
    }

    @inline(__always)
    private static func take(_ limit: Int, skip: Int, from scan: inout some PlaceScan) throws(StoreError) -> [RowScan.Place] {
        for _ in 0..<skip {
            if scan.current == nil { break }
            try scan.advance()
        }
        var places: [RowScan.Place] = []
        places.reserveCapacity(min(limit, 1_024))
        while places.count < limit, let place = scan.current {
            places.append(place)
            try scan.advance()
        }
        return places
    }

    private func page(_ places: [RowScan.Place], hasMore: Bool, field: NumberField? = nil) throws(StoreError) -> RowPage {
        var page = RowPage()
        page.first = places.first.map(position)
        page.last = places.last.map(position)
        page.hasMore = hasMore
        page.take(try LineFetcher(groups: groups, cache: cache).fetch(places))
        if let field, page.rowCount > 0 {
            let (first, last) = (try page.literal(of: field, row: 0), try page.literal(of: field, row: page.rowCount - 1))
            page.first?.literal = first
            page.last?.literal = last
        }
        return page
    }

    private func position(_ place: RowScan.Place) -> RowPosition {
        let group = groups[Int(place.group)].group
        let number = group.series(ofRun: group.run(ofRow: Int(place.row)))
        return RowPosition(timestamp: Timestamp(milliseconds: group.timestamp(Int(place.row))), series: series.keys[Int(number)])
    }
}

/// A walk over rows in some order.
protocol PlaceScan {
    /// Where the current row is; nil when there are no more.
    var current: RowScan.Place? { get }
    mutating func advance() throws(StoreError)
}

extension RowScan: PlaceScan {}
extension SeriesScan: PlaceScan {}
extension SourceScan: PlaceScan {}

extension RowPage {
    /// A row's number as it stands in its line; empty for null.
    fileprivate func literal(of field: NumberField, row: Int) throws(StoreError) -> [UInt8] {
        let line = bytes.span.extracting((row == 0 ? 0 : ends[row - 1])..<ends[row])
        guard let layout = TickerLineLayout(line) else { throw StoreError(.corrupt, "a stored line is no row. \(LogRecovery.advice)") }
        let range = layout[field]
        if line[range.lowerBound] == UInt8(ascii: "n") { return [] }
        return line.extracting(range).withUnsafeBufferPointer { Array($0) }
    }
}
