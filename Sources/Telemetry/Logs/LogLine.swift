import Logging

/// What one line of the log says, before it has a shape.
struct LogLine: Sendable {
    /// Since 1970.
    var milliseconds: Int64
    var level: Logger.Level
    /// The logger's name.
    var logger: String
    var message: String
    /// In the order in which they are written.
    var fields: [(key: String, value: Logger.MetadataValue)] = []
    /// Whether it is said once, and so is written however many are like it.
    var isToldOnce = false
}

extension LogLine {
    /// Bytes of a line from which no more fields are added.
    static let longest = 32 * 1024

    /// The line with its newline.
    ///
    /// - Parameters:
    ///   - isColored: whether a text line's level has the colour of its kind.
    ///   - scrubber: what every text goes through that is not the program's own.
    func bytes(as format: LogFormat, isColored: Bool, _ scrubber: LogScrubber) -> [UInt8] {
        switch format {
        case .text: text(isColored: isColored, scrubber)
        case .json: json(scrubber)
        }
    }
}
