import MarketData

/// ROWS: the JSON lines as they are, then the key columns in binary, so that replay parses no JSON.
///
/// | bytes | field |
/// |---|---|
/// | 4, 4, 4, 4 | rows n, series m, bytes of the lines, 0 |
/// | … | the lines, each ended by a newline; zeros to a multiple of 8 |
/// | 16 n | n × (u32 series, u32 line length with its newline, i64 timestamp in ms) |
/// | rest | m series (`SeriesKey.encode`) |
///
/// The lines come first so that a line's place in the file is known before the number of rows is.
struct RowsPayload {
    static let fixedLength = 16
    static let rowLength = 16

    let bytes: UnsafeRawBufferPointer
    let rowCount: Int
    let seriesCount: Int
    private let columns: Int

    /// - Throws: a sentence when lengths do not add up; the CRC was right, so that is a fault of the writer.
    init(decoding bytes: UnsafeRawBufferPointer) throws(MalformedPayload) {
        guard bytes.count >= Self.fixedLength else { throw MalformedPayload("ROWS payload is cut") }
        self.bytes = bytes
        rowCount = Int(bytes.integer(UInt32.self, at: 0))
        seriesCount = Int(bytes.integer(UInt32.self, at: 4))
        columns = Self.fixedLength + (Int(bytes.integer(UInt32.self, at: 8)) + 7) & ~7
        guard columns + Self.rowLength * rowCount <= bytes.count else { throw MalformedPayload("ROWS payload lengths do not add up") }
    }

    /// The series of this record, in the order that rows refer to.
    func series() throws(MalformedPayload) -> [SeriesKey] {
        var result: [SeriesKey] = []
        result.reserveCapacity(min(seriesCount, bytes.count))
        var offset = columns + Self.rowLength * rowCount
        for _ in 0..<seriesCount {
            guard let key = SeriesKey(decoding: bytes, at: &offset) else { throw MalformedPayload("ROWS series list is cut") }
            result.append(key)
        }
        return result
    }

    /// Series, length of the line with its newline, and timestamp of a row.
    @inline(__always)
    func row(_ index: Int) -> (series: Int, lineLength: Int, milliseconds: Int64) {
        let at = columns + Self.rowLength * index
        return (
            Int(bytes.integer(UInt32.self, at: at)), Int(bytes.integer(UInt32.self, at: at + 4)), bytes.integer(Int64.self, at: at + 8)
        )
    }

    /// Appends the fixed part with zeros in it; `finish` fills them in.
    static func begin(_ out: inout [UInt8]) {
        out.append(contentsOf: repeatElement(0, count: fixedLength))
    }

    /// Completes a payload that starts at `start` and whose lines have been appended: the columns and series of the rows in `kept`.
    static func finish(_ out: inout [UInt8], start: Int, batch: Batch, kept: [Int32]) {
        let lineBytes = out.count - start - fixedLength
        out.padToEight(from: start)
        var numbers = [UInt32](repeating: .max, count: batch.series.count)
        var used: [Int] = []
        var columns: [UInt64] = []
        columns.reserveCapacity(2 * kept.count)
        for index in kept {
            let row = batch.rows[Int(index)]
            let series = Int(row.series)
            if numbers[series] == .max {
                numbers[series] = UInt32(used.count)
                used.append(series)
            }
            columns.append(UInt64(numbers[series]) | UInt64(row.lineLength) << 32)
            columns.append(UInt64(bitPattern: row.timestamp.milliseconds))
        }
        out.append(littleEndian: columns)
        for number in used { batch.series[number].encode(into: &out) }
        out.store(UInt32(kept.count), at: start)
        out.store(UInt32(used.count), at: start + 4)
        out.store(UInt32(lineBytes), at: start + 8)
    }
}
