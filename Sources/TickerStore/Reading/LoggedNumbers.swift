import MarketData

/// Makes the number keys of rows that are not sealed, from their lines in the log file.
enum LoggedNumbers {
    private static let windowBytes = 256 << 10

    /// - Parameters:
    ///   - offsets: Where the line of each row begins.
    ///   - lengths: Of the lines, without their newlines.
    /// - Returns: a key a row.
    /// - Throws: `.corrupt` when a line cannot be read back, `.inputOutput`.
    static func keys(
        of field: NumberField,
        offsets: [UInt64],
        lengths: [UInt16],
        in file: any File,
        path: String
    ) throws(StoreError) -> [UInt64] {
        var keys = [UInt64](repeating: NumberKey.null, count: offsets.count)
        // Offset and row in one word, so that the file is read from front to back: a group has at most 65,536 rows.
        var order = offsets.indices.map { offsets[$0] << 16 | UInt64($0) }
        order.sort()
        var window: [UInt8] = []
        var start = 0
        for word in order {
            let (row, offset) = (Int(word & 0xFFFF), Int(word >> 16))
            let length = Int(lengths[row])
            if offset + length > start + window.count {
                window = try file.bytes(at: offset, count: max(length, windowBytes))
                start = offset
            }
            guard offset + length <= start + window.count else { throw damage(path, offset) }
            let line = window.span.extracting(offset - start..<offset - start + length)
            guard let layout = TickerLineLayout(line) else { throw damage(path, offset) }
            keys[row] = NumberKey.encode(line.extracting(layout[field]))
        }
        return keys
    }

    private static func damage(_ path: String, _ offset: Int) -> StoreError {
        .corrupt(path, offset: offset, "a row cannot be read back; check the disk. \(LogRecovery.advice)")
    }
}
