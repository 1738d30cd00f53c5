/// The bytes between the source of a reader and its records: a buffer that always holds the current record from its
/// first byte, and that grows only as far as the longest record needs.
struct CSVInput {
    private(set) var buffer: [UInt8]
    /// The current record's first byte.
    var begin = 0
    /// The end of the bytes that were read.
    private(set) var end = 0
    /// Whether the source has said that there is no more.
    private(set) var isAtEnd = false

    private let read: (UnsafeMutableRawBufferPointer) throws -> Int
    private let capacityLimit: Int

    /// Reading pays off in large pieces; 256 KiB fits the second-level cache of every machine in question.
    private static let pieceBytes = 256 << 10

    init(recordLimit: Int, read: @escaping (UnsafeMutableRawBufferPointer) throws -> Int) {
        self.read = read
        // Two bytes behind the longest record show its line end.
        capacityLimit = recordLimit + 2 + Self.pieceBytes
        buffer = [UInt8](repeating: 0, count: min(Self.pieceBytes, capacityLimit))
    }

    /// How many bytes there are from the current record on.
    var available: Int { end - begin }

    /// Reads once, after making room: the current record moves to the front, and the buffer doubles when that is
    /// not enough.
    mutating func refill() throws {
        guard !isAtEnd else { return }
        if begin > 0 {
            buffer.withUnsafeMutableBufferPointer { bytes in
                for index in 0..<end - begin { bytes[index] = bytes[begin + index] }
            }
            end -= begin
            begin = 0
        }
        if end == buffer.count {
            let more = min(buffer.count, max(capacityLimit - buffer.count, 1))
            buffer.append(contentsOf: repeatElement(0, count: more))
        }
        let count = try buffer.withUnsafeMutableBytes { bytes in
            try read(UnsafeMutableRawBufferPointer(rebasing: bytes[end...]))
        }
        precondition(count >= 0 && count <= buffer.count - end, "read says it wrote more than there was room for")
        end += count
        if count == 0 { isAtEnd = true }
    }

    /// Reads until at least `count` bytes are there or the source ends.
    mutating func fill(to count: Int) throws {
        while available < count, !isAtEnd { try refill() }
    }

    var startsWithByteOrderMark: Bool {
        available >= 3 && buffer[begin] == 0xEF && buffer[begin + 1] == 0xBB && buffer[begin + 2] == 0xBF
    }

    /// The first bytes, at most `count`, whatever the size of the pieces they came in.
    func sample(_ count: Int) -> ArraySlice<UInt8> { buffer[begin..<min(end, begin + count)] }

    var endsWithCarriageReturn: Bool { available > 0 && buffer[end - 1] == ASCII.carriageReturn }

    /// The first line end from `start`, counted from `begin`: where the line's text ends and the next line begins.
    /// Nil when there is none, or when the one there is may be half a CRLF.
    func lineEnd(from start: Int) -> (content: Int, next: Int)? {
        for index in begin + start..<end {
            if buffer[index] == ASCII.lineFeed { return (index - begin, index - begin + 1) }
            if buffer[index] == ASCII.carriageReturn {
                if index + 1 < end {
                    let length = buffer[index + 1] == ASCII.lineFeed ? 2 : 1
                    return (index - begin, index - begin + length)
                }
                return isAtEnd ? (index - begin, index - begin + 1) : nil
            }
        }
        return nil
    }

    /// Takes out bytes, counted from `begin`, and returns how many.
    mutating func remove(_ range: Range<Int>) -> Int {
        for index in begin + range.upperBound..<end { buffer[index - range.count] = buffer[index] }
        end -= range.count
        return range.count
    }
}
