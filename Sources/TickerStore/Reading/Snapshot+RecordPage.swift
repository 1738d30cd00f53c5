package import MarketData

/// A place in the order of `Snapshot.page(of:)`: by position, then series, then the line itself.
package struct RecordPosition: Sendable, Equatable {
    package var position: Int64
    package var series: SeriesKey
    /// Tells lines of one position and series apart: FNV-1a over the line, one more for each that was the same before it.
    package var mark: UInt64

    package init(position: Int64, series: SeriesKey, mark: UInt64) {
        self.position = position
        self.series = series
        self.mark = mark
    }
}

/// Lines in order.
package struct RecordPage: Sendable {
    package var lines: [[UInt8]] = []
    /// Where to go on; nil: there are no more. A page may have fewer lines than were asked for, even none, and go on all the same: what is looked
    /// at for one page is bounded.
    package var next: RecordPosition?
}

extension Snapshot {
    /// Lines that are read together, and lines that are looked at for one page, about.
    private static let pieceLength = 64
    private static let longestLook = 16_384

    /// Lines of a family that is only appended to, highest position first; those of one position by series, highest first, and those of one series
    /// in the order of their bytes. A walk goes on where it was, whatever is sealed, merged or added meanwhile.
    ///
    /// Blocks on the disk: call it from a thread that may.
    ///
    /// - Parameters:
    ///   - family: `.outliers`.
    ///   - query: Its lists, its bounds, which are positions here, and its limit.
    ///   - place: Only lines behind it.
    ///   - isWanted: Whether a line shall be on the page.
    /// - Throws: `.corrupt`, `.inputOutput`.
    package func page(
        of family: Family,
        _ query: RowQuery,
        after place: RecordPosition?,
        where isWanted: ([UInt8]) -> Bool = { _ in true }
    ) throws(StoreError) -> RecordPage {
        let highest = min(query.to.map { $0.milliseconds } ?? .max, place?.position ?? .max)
        let records = RecordGroups(self, family, within: min(query.from?.milliseconds ?? .min, highest)...highest)
        var filter = ScanFilter(query, table: records.table)
        // With the lines of the very series: which of them are behind the place is seen from the lines.
        if let place { filter.high = min(filter.high, SortKey(timestamp: place.position, position: records.table.position(of: place.series) + 1)) }
        var page = RecordPage()
        if filter.series?.isEmpty == true { return page }
        var scan = try RowScan(records.groups, filter: filter, rank: records.table.rank, direction: .descending)
        var looked = 0
        while scan.current != nil {
            var lines = try records.nextLines(&scan, atLeast: min(Self.pieceLength, query.limit - page.lines.count), cache: cache)[...]
            if let place, let seen = lines.firstIndex(where: { $0.position == place }) { lines = lines[(seen + 1)...] }
            while let (position, line) = lines.popFirst() {
                looked += 1
                if isWanted(line) { page.lines.append(line) }
                guard page.lines.count == query.limit || looked >= Self.longestLook else { continue }
                if !lines.isEmpty || scan.current != nil { page.next = position }
                return page
            }
        }
        return page
    }
}

extension RecordGroups {
    /// The next lines of a walk, to the last of their position and series.
    fileprivate func nextLines(
        _ scan: inout RowScan,
        atLeast length: Int,
        cache: BlockCache
    ) throws(StoreError) -> [(position: RecordPosition, line: [UInt8])] {
        var places: [RowScan.Place] = []
        var keys: [(position: Int64, series: UInt32)] = []
        while let place = scan.current {
            let key = (scan.timestamp, scan.series)
            if places.count >= length, let last = keys.last, last != key { break }
            places.append(place)
            keys.append(key)
            try scan.advance()
        }
        let buffer = try LineFetcher(groups: groups, cache: cache).fetch(places)
        var lines = places.indices.map { Array(buffer.bytes[buffer.starts[$0]..<buffer.starts[$0] + buffer.lengths[$0]]) }
        var start = 0
        while start < keys.count {
            let end = keys[start...].firstIndex { $0 != keys[start] } ?? keys.count
            lines[start..<end].sort { $0.lexicographicallyPrecedes($1) }
            start = end
        }
        var found: [(position: RecordPosition, line: [UInt8])] = []
        for (key, line) in zip(keys, lines) {
            var mark = line.reduce(0xCBF2_9CE4_8422_2325 as UInt64) { ($0 ^ UInt64($1)) &* 0x100_0000_01B3 }
            // Lines that share all their bytes follow each other here.
            if let last = found.last, last.line == line { mark = last.position.mark &+ 1 }
            found.append((RecordPosition(position: key.position, series: table.keys[Int(key.series)], mark: mark), line))
        }
        return found
    }
}
