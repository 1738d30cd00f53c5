import MarketData

/// The key columns of one group, read without believing them.
struct KeyColumns {
    /// Of each row, the number of its series in the index.
    private(set) var series: [UInt32] = []
    /// Of each row, milliseconds since 1970.
    private(set) var timestamps: [Int64] = []

    /// nil when the columns are damaged, or are none that a writer would write.
    init?(_ index: IndexFile, group number: Int) {
        let entry = index.groups[number]
        let bytes = index.bytes.slice(entry.columnsOffset..<entry.columnsOffset + entry.columnsLength)
        guard crc32(bytes) == entry.columnsCRC else { return nil }
        let (rows, runs) = (entry.rows, entry.runs)
        series.reserveCapacity(rows)
        timestamps.reserveCapacity(rows)
        func firstRow(_ run: Int) -> Int { run < runs ? Int(bytes.integer(UInt16.self, at: 4 * (runs + rows) + 2 * run)) : rows }
        for run in 0..<runs {
            let number = bytes.integer(UInt32.self, at: 4 * run)
            guard number < index.seriesCount, run == 0 || number > series[series.count - 1], firstRow(run) == series.count,
                firstRow(run + 1) > series.count
            else { return nil }
            series.append(contentsOf: repeatElement(number, count: firstRow(run + 1) - firstRow(run)))
        }
        for row in 0..<rows { timestamps.append(entry.earliest + Int64(bytes.integer(UInt32.self, at: 4 * (runs + row))) * entry.unit) }
        // Time and row ascend from place to place: then each row has one place.
        var before: (Int64, Int)?
        for place in 0..<rows {
            let row = Int(bytes.integer(UInt16.self, at: 4 * (runs + rows) + 2 * (runs + place)))
            guard row < rows, before.map({ $0 < (timestamps[row], row) }) ?? true else { return nil }
            before = (timestamps[row], row)
        }
        guard timestamps.min() == entry.earliest, timestamps.max() == entry.latest else { return nil }
    }
}

extension IndexFile {
    func seriesKey(_ local: Int) -> SeriesKey {
        let series = series(local)
        return SeriesKey(symbol: [UInt8](series.symbol), source: [UInt8](series.source), sourceID: [UInt8](series.sourceID))
    }
}
