/// How a delimited file is written.
public struct CSVDialect: Sendable, Equatable {
    /// The byte between fields.
    public var separator: UInt8

    /// A dialect with the given byte between fields.
    public init(separator: UInt8) { self.separator = separator }

    /// How much of a file's start is looked at.
    static let sampleBytes = 64 << 10
    private static let sampleLines = 8
    /// In the order of preference where nothing else decides.
    static let candidates = [ASCII.comma, ASCII.semicolon, ASCII.tab, ASCII.verticalBar]

    /// Finds the separator, one of `,` `;` tab `|`, in the start of a file.
    ///
    /// The header and up to seven lines behind it are counted, outside quotes, after leading comment and URL lines. A
    /// candidate that all lines have equally often is better than one they do not (`1;2,5` above `2;3` has semicolons);
    /// then the one the header has more of. A file of one column has none, and gets `,`.
    static func sniffed(from sample: ArraySlice<UInt8>) -> CSVDialect {
        var lines = Lines(bytes: sample)
        var counts: [[Int]] = []
        while counts.count < sampleLines, let line = lines.next() {
            if counts.isEmpty, CSVHeader.isPreamble(line) { continue }
            counts.append(candidates.map { candidate in count(candidate, in: line) })
        }
        // The last line may be cut where the sample ends; the header is all there is to go by if it is the only one.
        if counts.count > 1, lines.lastIsOpen { counts.removeLast() }
        guard let header = counts.first else { return CSVDialect(separator: ASCII.comma) }
        var best = (index: 0, score: 0)
        for index in candidates.indices where header[index] > 0 {
            let isConstant = counts.allSatisfy { $0[index] == header[index] }
            let score = header[index] + (isConstant ? sampleBytes : 0)
            if score > best.score { best = (index, score) }
        }
        return CSVDialect(separator: candidates[best.index])
    }

    private static func count(_ candidate: UInt8, in line: ArraySlice<UInt8>) -> Int {
        var isQuoted = false
        var count = 0
        for byte in line {
            if byte == ASCII.quote { isQuoted.toggle() }
            if byte == candidate, !isQuoted { count += 1 }
        }
        return count
    }

    /// The lines of a sample that are not empty; a line end inside quotes ends no line.
    private struct Lines {
        let bytes: ArraySlice<UInt8>
        private var index: Int
        /// Whether the line given last went up to the end of the sample.
        private(set) var lastIsOpen = false

        init(bytes: ArraySlice<UInt8>) {
            self.bytes = bytes
            index = bytes.startIndex
        }

        mutating func next() -> ArraySlice<UInt8>? {
            while index < bytes.endIndex {
                let start = index
                var isQuoted = false
                while index < bytes.endIndex {
                    let byte = bytes[index]
                    if byte == ASCII.quote { isQuoted.toggle() }
                    if !isQuoted, byte == ASCII.lineFeed || byte == ASCII.carriageReturn { break }
                    index += 1
                }
                lastIsOpen = index == bytes.endIndex
                let line = bytes[start..<index]
                if !lastIsOpen { index += 1 }
                if !line.isEmpty { return line }
            }
            return nil
        }
    }
}
