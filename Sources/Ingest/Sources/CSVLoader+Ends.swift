import MarketData

/// How a file ends.
enum FileEnd {
    /// Behind a line end.
    case closed
    /// In a line without one.
    case openLine
    /// In a quoted field.
    case openQuote
}

/// What to do with a last line without an end.
enum LastLine {
    case take
    /// Wait a second, then decide.
    case lookAgain
    /// Leave it to the next run.
    case wait
}

/// The run is to end.
struct Interrupted: Error {}

/// A header without a line end, which may still be being written.
struct OpenHeader: Error {}

/// A file whose name has no symbol.
struct NoSymbol: Error, CustomStringConvertible {
    var pattern: String

    var description: String { "the pattern for symbols, `\(pattern)`, finds none in the file's name; rename the file, or take it out of the inbox" }
}

/// A header that no table has; most often the file is something else.
struct HeaderTooLong: Error, CustomStringConvertible {
    var bytes: Int
    var limit: Int

    var description: String { "the header has \(bytes) bytes, at most \(limit) are taken; is this a CSV file?" }
}

extension CSVReader.Failure {
    /// The quarantine's reason.
    var reason: String {
        switch self {
        case .recordTooLong: "record_too_long"
        case .unterminatedQuote: "unterminated_quote"
        }
    }
}

extension Span<UInt8> {
    /// A copy.
    var bytes: [UInt8] { withUnsafeBufferPointer { Array($0) } }
}
