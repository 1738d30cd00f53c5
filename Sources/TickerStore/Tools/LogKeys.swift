import MarketData

/// The keys of the rows in the log.
struct LogKeys {
    private(set) var table = SeriesTable()
    private var index = KeyIndex()

    /// Different keys.
    var count: Int { index.count }

    /// Adds the keys of a whole batch.
    mutating func add(_ batch: [LogRecovery.Record]) {
        for record in batch where record.header.type == LogRecordType.rows.rawValue {
            record.payload.withUnsafeBytes { bytes in
                guard let payload = try? RowsPayload(decoding: bytes), let keys = try? payload.series() else { return }
                let numbers = table.numbers(for: keys)
                for number in 0..<payload.rowCount {
                    let row = payload.row(number)
                    index.set(series: numbers[row.series], timestamp: row.milliseconds, to: LineLocator(packed: 0))
                }
            }
        }
    }

    func contains(_ key: SeriesKey, _ timestamp: Int64) -> Bool {
        let position = table.position(of: key)
        return position % 2 == 1 && contains(series: table.byRank[position / 2], timestamp)
    }

    /// - Parameter number: In `table`, or in one that has grown out of it.
    func contains(series number: UInt32, _ timestamp: Int64) -> Bool { index.locator(series: number, timestamp: timestamp) != nil }
}
