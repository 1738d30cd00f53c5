import MarketData

/// What a reader says about one record.
struct ReadRecord: Equatable, CustomStringConvertible {
    var fields: [String]
    var line: Int
    var start: Int
    var end: Int
    var terminated: Bool
    var malformed: Bool
    var raw: String

    var description: String { "line \(line) [\(start)..<\(end)] \(fields)\(malformed ? " malformed" : "")" }
}

extension CSVReader {
    /// A reader over bytes in memory that come in pieces of at most `piece` bytes.
    convenience init(_ content: [UInt8], separator: Character? = nil, limit: Int = 1 << 20, piece: Int = .max) {
        var index = 0
        self.init(separator: separator?.asciiValue, maximumRecordBytes: limit) { buffer in
            let count = min(buffer.count, piece, content.count - index)
            buffer.copyBytes(from: content[index..<index + count])
            index += count
            return count
        }
    }

    var record: ReadRecord {
        ReadRecord(
            fields: (0..<fieldCount).map { withField($0) { text in copy(text) } },
            line: line,
            start: recordStart,
            end: recordEnd,
            terminated: terminated,
            malformed: malformed,
            raw: withRecord { copy($0) }
        )
    }

    func all() throws -> [ReadRecord] {
        var records: [ReadRecord] = []
        while try next() { records.append(record) }
        return records
    }
}

func copy(_ span: Span<UInt8>) -> String { span.withUnsafeBufferPointer { String(decoding: $0, as: UTF8.self) } }

func fields(_ content: String, _ separator: Character? = ",", piece: Int = .max) throws -> [[String]] {
    try CSVReader(bytes(content), separator: separator, piece: piece).all().map(\.fields)
}
