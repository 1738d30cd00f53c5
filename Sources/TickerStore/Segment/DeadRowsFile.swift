/// The file that says which rows of a segment are dead (`FORMAT.md`, Dead rows).
enum DeadRowsFile {
    private static let headerLength = 24
    private static let trailerLength = 8

    /// Bytes of the file for a segment of so many rows.
    static func length(rows: Int) -> Int { headerLength + (rows + 63) / 64 * 8 + trailerLength }

    /// - Parameters:
    ///   - rows: Of the segment.
    ///   - words: One bit a row, lowest bit first, set: dead. Words that are missing at the end are zero, bits behind the last row too.
    static func encode(segmentID: UInt64, rows: Int, words: [UInt64]) -> [UInt8] {
        let count = (rows + 63) / 64
        precondition(words.count <= count && !hasBitsBehind(rows, words), "dead rows that the segment does not have")
        var bytes: [UInt8] = []
        bytes.reserveCapacity(length(rows: rows))
        bytes.append(littleEndian: SegmentFormat.deadRowsMagic)
        bytes.append(littleEndian: segmentID)
        bytes.append(littleEndian: UInt32(rows))
        bytes.append(littleEndian: UInt32(countBits(words)))
        for word in words { bytes.append(littleEndian: word) }
        for _ in words.count..<max(words.count, count) { bytes.append(littleEndian: UInt64(0)) }
        bytes.append(littleEndian: bytes.withUnsafeBytes { crc32($0) })
        bytes.append(littleEndian: UInt32(0))
        return bytes
    }

    /// - Parameters:
    ///   - info: The segment; with `dead`, the file must be what the manifest says.
    ///   - path: Of the file, for messages.
    /// - Returns: one bit a row, in as many words as the rows need.
    /// - Throws: `.corrupt`.
    static func decode(_ bytes: [UInt8], info: SegmentInfo, path: String) throws(StoreError) -> [UInt64] {
        func damage(_ offset: Int, _ what: String) -> StoreError { .corrupt(path, offset: offset, "\(what). \(SegmentFormat.dataAdvice)") }
        let length = length(rows: info.rows)
        guard bytes.count == length else {
            throw damage(min(length, bytes.count), "the list of dead rows is \(bytes.count) bytes long; for \(info.rows) rows it must be \(length)")
        }
        if let dead = info.dead {
            guard dead.bytes == bytes.count, bytes.withUnsafeBytes({ crc32($0) }) == dead.crc else {
                throw damage(0, "the list of dead rows is not the one of the manifest")
            }
        }
        return try bytes.span.bytes.withUnsafeBytes { (bytes) throws(StoreError) -> [UInt64] in
            guard bytes.integer(UInt32.self, at: length - 8) == crc32(bytes.slice(0..<length - 8)), bytes.integer(UInt32.self, at: length - 4) == 0
            else {
                throw damage(0, "the list of dead rows is damaged")
            }
            guard bytes.integer(UInt64.self, at: 0) == SegmentFormat.deadRowsMagic, bytes.integer(UInt64.self, at: 8) == info.id,
                bytes.integer(UInt32.self, at: 16) == UInt32(info.rows)
            else { throw damage(0, "this is the list of dead rows of another segment") }
            let words = stride(from: headerLength, to: length - trailerLength, by: 8).map { bytes.integer(UInt64.self, at: $0) }
            guard countBits(words) == Int(bytes.integer(UInt32.self, at: 20)), info.dead.map({ $0.rows == countBits(words) }) ?? true,
                !hasBitsBehind(info.rows, words)
            else { throw damage(20, "the list of dead rows does not hold as many as it says") }
            return words
        }
    }

    private static func countBits(_ words: [UInt64]) -> Int { words.reduce(0) { $0 + $1.nonzeroBitCount } }

    private static func hasBitsBehind(_ rows: Int, _ words: [UInt64]) -> Bool {
        guard rows % 64 != 0, words.count == rows / 64 + 1 else { return false }
        return words[rows / 64] >> UInt64(rows % 64) != 0
    }
}
