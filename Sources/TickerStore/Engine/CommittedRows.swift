package import MarketData

/// The rows of one batch that are new or replaced others, in the order of the batch.
package struct CommittedRows: Sendable {
    /// The number of the batch's last log record: it grows from commit to commit, and across restarts.
    package let sequence: UInt64
    /// The series that rows refer to.
    package let series: [SeriesKey]
    /// Of each row the series.
    package let rowSeries: [UInt32]
    /// Where each row's line ends in `lines`, its newline included.
    package let ends: [Int]
    /// The lines, each ended by a newline.
    package let lines: [UInt8]

    package var count: Int { ends.count }

    /// Bytes of memory, about.
    package var cost: Int {
        // Three arrays each, with the heads of their blocks.
        series.reduce(lines.count + 12 * ends.count) { $0 + $1.symbol.count + $1.source.count + $1.sourceID.count + 144 }
    }

    package init(sequence: UInt64, series: [SeriesKey], rowSeries: [UInt32], ends: [Int], lines: [UInt8]) {
        self.sequence = sequence
        self.series = series
        self.rowSeries = rowSeries
        self.ends = ends
        self.lines = lines
    }

    /// - Parameter kept: Indices of the rows that were written.
    init(_ batch: Batch, kept: [Int32], sequence: UInt64) {
        self.sequence = sequence
        (series, rowSeries) = Self.series(of: batch, kept)
        var ends: [Int] = []
        ends.reserveCapacity(kept.count)
        var end = 0
        for index in kept {
            end += Int(batch.rows[Int(index)].lineLength)
            ends.append(end)
        }
        self.ends = ends
        // As a rule all rows are kept, and the batch's own lines serve.
        lines = kept.count == batch.rows.count ? batch.lines : Self.lines(of: batch, kept)
    }

    /// Not all of a batch's series where few of its rows are kept: these rows stay in memory for long.
    private static func series(of batch: Batch, _ kept: [Int32]) -> (keys: [SeriesKey], ofRows: [UInt32]) {
        if kept.count == batch.rows.count { return (batch.series, batch.rows.map(\.series)) }
        var places: [UInt32: UInt32] = [:]
        var keys: [SeriesKey] = []
        let ofRows = kept.map { index in
            let series = batch.rows[Int(index)].series
            if let place = places[series] { return place }
            let place = UInt32(keys.count)
            places[series] = place
            keys.append(batch.series[Int(series)])
            return place
        }
        return (keys, ofRows)
    }

    private static func lines(of batch: Batch, _ kept: [Int32]) -> [UInt8] {
        var lines: [UInt8] = []
        var next = 0
        var start = 0
        batch.lines.withUnsafeBytes { bytes in
            for (index, row) in batch.rows.enumerated() {
                let end = start + Int(row.lineLength)
                if next < kept.count, Int(kept[next]) == index {
                    lines.append(contentsOf: bytes.slice(start..<end))
                    next += 1
                }
                start = end
            }
        }
        return lines
    }
}
