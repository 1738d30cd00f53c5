/// The columns of one row group, as they stand in an index file and, for rows that are not sealed yet, in memory (`FORMAT.md`, Index).
///
/// Rows are numbered in (series, timestamp) order.
struct GroupColumns: Sendable {
    /// More would not fit the 16-bit columns.
    static let maximumRows = 65_536

    /// `runs` series, `rows` timestamps, `runs` first rows, `rows` places in time order; padded to eight.
    let image: [UInt8]
    let rows: Int
    let runs: Int
    let earliest: Int64
    let latest: Int64
    /// Milliseconds that a step in the timestamp column means: 1,000 where all of them are whole seconds apart, else 1.
    let unit: Int64

    /// - Parameters:
    ///   - series: Of each row, the number to be written; equal numbers are next to each other.
    ///   - timestamps: Of each row, ascending within a series. They must fit (`GroupSpan`).
    init(series: [UInt32], timestamps: [Int64]) {
        precondition(!series.isEmpty && series.count == timestamps.count && series.count <= Self.maximumRows)
        rows = series.count
        var span = GroupSpan(timestamps[0])
        for timestamp in timestamps { span.add(timestamp) }
        precondition(span.fits, "timestamps of a group too far apart")
        (earliest, latest, unit) = (span.earliest, span.latest, span.unit)
        var runSeries: [UInt32] = []
        var firstRows: [UInt16] = []
        for row in series.indices where row == 0 || series[row] != series[row - 1] {
            runSeries.append(series[row])
            firstRows.append(UInt16(row))
        }
        runs = runSeries.count
        var image: [UInt8] = []
        image.reserveCapacity(Self.length(rows: rows, runs: runs))
        image.append(littleEndian: runSeries)
        let (earliest, unit) = (earliest, unit)
        let steps = timestamps.map { UInt32(($0 - earliest) / unit) }
        image.append(littleEndian: steps)
        image.append(littleEndian: firstRows)
        // Time and row in one word: comparing words compares both.
        var words = steps.indices.map { UInt64(steps[$0]) << 16 | UInt64($0) }
        words.sort()
        image.append(littleEndian: words.map { UInt16(truncatingIfNeeded: $0) })
        image.padToEight(from: 0)
        self.image = image
    }

    /// Bytes of the columns.
    static func length(rows: Int, runs: Int) -> Int { (6 * (rows + runs) + 7) & ~7 }
}

/// The time that the rows of one group span, and whether 32-bit steps can tell it.
struct GroupSpan {
    private(set) var earliest: Int64
    private(set) var latest: Int64
    private var first: Int64
    private var isWholeSeconds = true

    init(_ timestamp: Int64) {
        earliest = timestamp
        latest = timestamp
        first = timestamp
    }

    mutating func add(_ timestamp: Int64) {
        earliest = min(earliest, timestamp)
        latest = max(latest, timestamp)
        if (timestamp - first) % 1_000 != 0 { isWholeSeconds = false }
    }

    /// Adds the rows of a whole group.
    mutating func add(_ group: RowGroup) {
        add(group.earliest)
        add(group.latest)
        if group.unit != 1_000 { isWholeSeconds = false }
    }

    var unit: Int64 { isWholeSeconds ? 1_000 : 1 }
    var fits: Bool { (latest - earliest) / unit <= Int64(UInt32.max) }
}
