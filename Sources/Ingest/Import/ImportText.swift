package import MarketData

/// Reads the rows out of the text of an export, NDJSON or CSV, a line at a time in constant memory, and notices when it was cut.
package final class ImportText {
    /// How the text is written.
    package enum Format: String, Sendable, CaseIterable { case ndjson, csv }

    /// A line that cannot be taken, or the end that is missing.
    package struct Failure: Error, Sendable, CustomStringConvertible {
        /// From 1.
        package var line: Int
        package var problem: ImportProblem

        package var description: String { "line \(line): \(problem)" }
    }

    /// What an export in NDJSON ends with.
    private static let trailer = Array(#"{"_end":true,"rows":"#.utf8)
    private static let longestLine = 64 << 10

    private let input: CSVReader
    private let lines: LineInput
    private var isTable: Bool?
    private let formulas: TickerTable.Formulas
    /// Rows since the start, or the last trailer.
    private var rowsOpen = 0
    private var hasStarted = false
    private var hasHeader = false
    private var hasTrailer = false
    private let gzip: GzipEnd
    /// Where the text ends in the middle of a line.
    private var cutLine: Int?
    /// The line that was given last, from 1.
    package private(set) var line = 0
    /// What is missing at the end of an export that was cut; nil when it is whole. A CSV that was cut between two lines looks whole.
    package var missing: String? {
        if gzip.isCut { return "the gzip file is cut" }
        if let cutLine { return "line \(cutLine) has no end" }
        if isTable == true { return hasHeader ? nil : "it has no header" }
        return hasTrailer && rowsOpen == 0 ? nil : "the line that ends it is missing"
    }

    /// - Parameters:
    ///   - format: nil: found by the first byte, which is `{` only in NDJSON.
    ///   - formulas: whether CSV texts have apostrophes that were put there; `raw` for one that was exported so.
    ///   - read: fills the buffer; 0 at the end. Plain or gzip, told apart by the first bytes.
    package init(
        format: Format? = nil,
        formulas: TickerTable.Formulas = .escaped,
        read: @escaping (UnsafeMutableRawBufferPointer) throws -> Int
    ) {
        isTable = format.map { $0 == .csv }
        self.formulas = formulas
        let gzip = GzipEnd()
        self.gzip = gzip
        lines = LineInput(limit: Self.longestLine, read: Self.inflating(read, gzip))
        input = CSVReader(separator: UInt8(ascii: ","), maximumRecordBytes: Self.longestLine, read: lines.rest)
    }

    /// The next row as a JSON line; nil at the end.
    ///
    /// - Throws: `Failure`, and what `read` throws.
    package func next() throws -> [UInt8]? {
        if !hasStarted {
            guard try lines.peek() != nil else {
                if gzip.isCut { throw ImportProblem("the gzip file is cut before its first line") }
                throw ImportProblem("nothing in it; an export without rows has a header line (CSV) or a line that ends it (NDJSON)")
            }
            hasStarted = true
        }
        if isTable == nil { isTable = try lines.peek() != UInt8(ascii: "{") }
        return try isTable! ? nextRecord() : nextLine()
    }

    // MARK: NDJSON

    private func nextLine() throws -> [UInt8]? {
        while let text = try lines.next() {
            line += 1
            if text.count > Self.longestLine { throw failure("longer than \(Self.longestLine) bytes") }
            if text.isEmpty { continue }
            // A file that a person wrote may lack the last line's end; a whole line ends its object all the same.
            if !lines.terminated, text.last != UInt8(ascii: "}") {
                cutLine = line
                return nil
            }
            if text.starts(with: Self.trailer) {
                let digits = text.dropFirst(Self.trailer.count).dropLast()
                guard text.last == UInt8(ascii: "}"), let rows = Int(String(decoding: digits, as: UTF8.self)) else {
                    throw failure("the line that ends an export is damaged")
                }
                guard rows == rowsOpen else { throw failure("the export had \(rows) rows, and \(rowsOpen) came before this line; it is not whole") }
                rowsOpen = 0
                hasTrailer = true
                continue
            }
            rowsOpen += 1
            return text
        }
        return nil
    }

    private func failure(_ what: String) -> Failure { Failure(line: line, problem: ImportProblem(what)) }

    // MARK: CSV

    private func nextRecord() throws -> [UInt8]? {
        while true {
            do {
                guard cutLine == nil, try input.next() else { return nil }
            } catch CSVReader.Failure.unterminatedQuote(let line, _) {
                cutLine = line
                return nil
            } catch let error as CSVReader.Failure {
                line = input.line
                throw failure("\(error)")
            }
            // Half of a number or of a name is a number or a name too.
            if !input.terminated {
                cutLine = input.line
                return nil
            }
            line = input.line
            if input.malformed { throw failure("text behind a closing quote") }
            var record: [UInt8] = []
            input.withRecord { record = $0.withUnsafeBufferPointer { Array($0) } }
            let header = TickerTable.header.withUTF8Buffer { Array($0.dropLast()) }
            if record == header {
                // Exports one behind the other have several.
                hasHeader = true
                continue
            }
            guard hasHeader else {
                throw failure(
                    "not the header of an export, which is \(String(decoding: header, as: UTF8.self)). Other files are loaded from the inbox"
                )
            }
            return try object()
        }
    }

    /// The record as a row's line, as it was before it was written as CSV.
    private func object() throws -> [UInt8] {
        let names = ["symbol", "name", "price_usd", "volume_24h", "market_cap", "percent_change_24h", "timestamp", "source", "source_id"]
        guard input.fieldCount == names.count else { throw failure("\(input.fieldCount) cells in the place of \(names.count)") }
        var out: [UInt8] = []
        for (index, name) in names.enumerated() {
            out.append(contentsOf: Array((index == 0 ? "{\"" : ",\"").utf8))
            out.append(contentsOf: Array(name.utf8))
            out.append(contentsOf: Array("\":".utf8))
            var cell: [UInt8] = []
            input.withField(index) { cell = $0.withUnsafeBufferPointer { Array($0) } }
            if (2...5).contains(index) {
                guard cell.allSatisfy({ (0x30...0x39).contains($0) || $0 == UInt8(ascii: ".") || $0 == UInt8(ascii: "-") }) else {
                    throw failure("“\(name)” is no number")
                }
                out.append(contentsOf: cell.isEmpty ? Array("null".utf8) : cell)
                continue
            }
            guard String(validating: cell, as: UTF8.self) != nil else { throw failure("“\(name)” is no UTF-8 text") }
            var text: [UInt8] = []
            if formulas == .escaped, index != 6 { TickerTable.appendText(escaped: cell.span, to: &text) } else { text = cell }
            JSONText.appendEscaped(text.span, to: &out)
        }
        out.append(UInt8(ascii: "}"))
        return out
    }

    // MARK: Bytes

    /// Inflates what begins with the two bytes of gzip, and passes on what does not.
    private static func inflating(
        _ read: @escaping (UnsafeMutableRawBufferPointer) throws -> Int,
        _ end: GzipEnd
    ) -> (UnsafeMutableRawBufferPointer) throws -> Int {
        var start: [UInt8]?
        var inflater: GzipReader?
        func raw(_ buffer: UnsafeMutableRawBufferPointer) throws -> Int {
            if let held = start, !held.isEmpty {
                let count = min(held.count, buffer.count)
                buffer.copyBytes(from: held.prefix(count))
                start = Array(held.dropFirst(count))
                return count
            }
            return try read(buffer)
        }
        return { buffer in
            if start == nil {
                var head = [UInt8](repeating: 0, count: 2)
                var filled = 0
                while filled < 2 {
                    let count = try head.withUnsafeMutableBytes { try read(UnsafeMutableRawBufferPointer(rebasing: $0[filled...])) }
                    if count == 0 { break }
                    filled += count
                }
                start = Array(head.prefix(filled))
                if start == [0x1F, 0x8B] { inflater = GzipReader(read: raw) }
            }
            do {
                if let inflater { return try inflater.inflate(into: buffer) }
            } catch let failure as GzipReader.Failure {
                if failure.isCut {
                    end.isCut = true
                    return 0
                }
                throw ImportProblem(failure.reason)
            }
            return try raw(buffer)
        }
    }
}

/// Whether compressed text ended before its end.
private final class GzipEnd {
    var isCut = false
}

/// Lines of a text that comes in pieces.
private final class LineInput {
    private let limit: Int
    private let read: (UnsafeMutableRawBufferPointer) throws -> Int
    private var buffer = [UInt8](repeating: 0, count: 256 << 10)
    private var start = 0
    private var end = 0
    /// Whether the last line had an end.
    private(set) var terminated = false

    init(limit: Int, read: @escaping (UnsafeMutableRawBufferPointer) throws -> Int) {
        self.limit = limit
        self.read = read
    }

    /// The next byte; nil at the end.
    func peek() throws -> UInt8? { try fill() ? buffer[start] : nil }

    /// The bytes that were not taken yet, for another reader.
    func rest(_ target: UnsafeMutableRawBufferPointer) throws -> Int {
        guard try fill() else { return 0 }
        let count = min(target.count, end - start)
        target.copyBytes(from: buffer[start..<start + count])
        start += count
        return count
    }

    /// The next line without its end, LF or CRLF; of one beyond the limit, a little more than that. nil at the end.
    func next() throws -> [UInt8]? {
        guard try fill() else { return nil }
        var line: [UInt8] = []
        terminated = false
        while try fill() {
            let newline = buffer[start..<end].firstIndex(of: 0x0A)
            if line.count <= limit { line.append(contentsOf: buffer[start..<(newline ?? end)].prefix(limit + 1)) }
            start = newline.map { $0 + 1 } ?? end
            if newline != nil {
                terminated = true
                break
            }
        }
        if line.last == 0x0D { line.removeLast() }
        return line
    }

    private func fill() throws -> Bool {
        if start < end { return true }
        start = 0
        end = try buffer.withUnsafeMutableBytes { try read($0) }
        return end > 0
    }
}
