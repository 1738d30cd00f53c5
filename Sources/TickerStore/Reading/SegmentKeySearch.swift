import MarketData

/// Finds the lines of one segment by their keys; what it needs of a group is made once.
struct SegmentKeySearch {
    private let segment: Segment
    /// The segment's own numbers, which are ranks as well.
    private let numbers: [UInt32]
    private var known: [Int: RowGroup] = [:]

    init(_ segment: Segment) {
        self.segment = segment
        numbers = (0..<segment.seriesCount).map(UInt32.init)
    }

    /// The rows with a key, ascending, dead ones included.
    ///
    /// - Throws: `.corrupt`.
    mutating func rows(of key: SeriesKey, timestamp: Int64) throws(StoreError) -> [Int] {
        let local = partition(0..<segment.seriesCount) { segment.compareSeries($0, with: key) >= 0 }
        guard local < segment.seriesCount, segment.compareSeries(local, with: key) == 0 else { return [] }
        let groups = segment.groups
        var rows: [Int] = []
        // Groups follow each other in time.
        var number = partition(0..<groups.count) { groups[$0].latest >= timestamp }
        while number < groups.count, groups[number].earliest <= timestamp {
            let group = try group(number)
            rows += group.rows(series: UInt32(local), timestamp: timestamp, rank: numbers).map { groups[number].firstRow + $0 }
            number += 1
        }
        return rows
    }

    private mutating func group(_ number: Int) throws(StoreError) -> RowGroup {
        if let group = known[number] { return group }
        let group = segment.makeRowGroup(number, seriesNumbers: numbers)
        try group.check()
        known[number] = group
        return group
    }
}
