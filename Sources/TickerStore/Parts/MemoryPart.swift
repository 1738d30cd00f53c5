/// An immutable set of rows: key columns and where each line lies in the log. Line bytes stay in the file.
///
/// Rows are numbered in (series rank, timestamp) order; `order` lists them in (timestamp, series rank) order. About 26 bytes a row.
final class MemoryPart: Sendable {
    /// A stretch of rows of one series.
    struct Run: Sendable {
        var series: UInt32
        var firstRow: UInt32
    }

    /// By series rank.
    let runs: [Run]
    let series: [UInt32]
    let timestamps: [Int64]
    let locators: [UInt64]
    let lengths: [UInt16]
    let order: [UInt32]
    let earliest: Int64
    let latest: Int64

    var count: Int { timestamps.count }

    /// - Parameter rows: In any order, not empty; of two rows with one key, the one given later comes later.
    init(_ rows: [PartRow]) {
        var sorted = rows
        // Stable, and quick on rows that are made of a few sorted stretches, as those of merged parts are.
        sorted.sort { ($0.rank, $0.timestamp) < ($1.rank, $1.timestamp) }
        var runs: [Run] = []
        var earliest = Int64.max
        var latest = Int64.min
        for (row, entry) in sorted.enumerated() {
            if runs.last?.series != entry.series { runs.append(Run(series: entry.series, firstRow: UInt32(row))) }
            earliest = min(earliest, entry.timestamp)
            latest = max(latest, entry.timestamp)
        }
        self.runs = runs
        series = sorted.map(\.series)
        timestamps = sorted.map(\.timestamp)
        locators = sorted.map(\.locator.packed)
        lengths = sorted.map(\.length)
        self.earliest = earliest
        self.latest = latest
        order = Self.timeOrder(timestamps, earliest: earliest, latest: latest)
    }

    /// Row numbers by (timestamp, row number); as rows are in rank order, that is (timestamp, series rank).
    private static func timeOrder(_ timestamps: [Int64], earliest: Int64, latest: Int64) -> [UInt32] {
        let rowBits = UInt64(64 - UInt64(timestamps.count).leadingZeroBitCount)
        guard UInt64(bitPattern: latest &- earliest) < 1 << (64 - rowBits) else {
            return (0..<UInt32(timestamps.count)).sorted { (timestamps[Int($0)], $0) < (timestamps[Int($1)], $1) }
        }
        // Time and row in one word: comparing words compares both.
        var words = timestamps.indices.map { UInt64(bitPattern: timestamps[$0] &- earliest) << rowBits | UInt64($0) }
        words.sort()
        let mask: UInt64 = (1 << rowBits) - 1
        return words.map { UInt32($0 & mask) }
    }

    /// The rows of one series; empty when it has none here.
    ///
    /// - Parameter rank: The rank of every series now.
    func rows(ofSeries number: UInt32, rank: [UInt32]) -> Range<Int> {
        let wanted = rank[Int(number)]
        var low = 0
        var high = runs.count
        while low < high {
            let middle = (low + high) / 2
            if rank[Int(runs[middle].series)] < wanted { low = middle + 1 } else { high = middle }
        }
        guard low < runs.count, runs[low].series == number else { return 0..<0 }
        let end = low + 1 < runs.count ? Int(runs[low + 1].firstRow) : count
        return Int(runs[low].firstRow)..<end
    }

    /// The row of a key whose line lies at `locator`.
    func row(series number: UInt32, timestamp: Int64, locator: LineLocator, rank: [UInt32]) -> Int? {
        guard (earliest...latest).contains(timestamp) else { return nil }
        let rows = rows(ofSeries: number, rank: rank)
        var row = partition(rows) { timestamps[$0] >= timestamp }
        while row < rows.upperBound, timestamps[row] == timestamp {
            if locators[row] == locator.packed { return row }
            row += 1
        }
        return nil
    }

    /// Appends the rows that are not dead, in row order, to `rows`.
    func appendLiveRows(except dead: DeadRows, rank: [UInt32], to rows: inout [PartRow]) {
        for row in 0..<count where !dead.contains(row) {
            rows.append(
                PartRow(
                    rank: rank[Int(series[row])],
                    series: series[row],
                    timestamp: timestamps[row],
                    locator: LineLocator(packed: locators[row]),
                    length: lengths[row]
                )
            )
        }
    }
}

/// A row on its way into a part.
struct PartRow {
    var rank: UInt32
    var series: UInt32
    var timestamp: Int64
    var locator: LineLocator
    /// Of the line, without its newline.
    var length: UInt16
}

/// A part as one snapshot sees it.
struct PartView: Sendable {
    let part: MemoryPart
    var dead = DeadRows()

    var liveCount: Int { part.count - dead.count }
}

/// The first index in `range` where `predicate` holds; it must be false before and true after.
@inline(__always)
func partition(_ range: Range<Int>, _ predicate: (Int) -> Bool) -> Int {
    var low = range.lowerBound
    var high = range.upperBound
    while low < high {
        let middle = (low + high) / 2
        if predicate(middle) { high = middle } else { low = middle + 1 }
    }
    return low
}
