import Logging

/// Which lines are left out because the same is said again and again: of each kind the first ones are written, and then one line a minute
/// that says how many there were.
///
/// A pure value: callers say what time it is. Lines are of one kind when level, logger and the fields that say what happened are the same, and
/// the message, it and the error but for the words with digits in them. What is no complaint is always written, and so is what is critical or told once.
struct LogRepetition {
    /// Lines of a kind that are written before it is cut down.
    static let written = 5
    static let periodMilliseconds: Int64 = 60_000
    /// Kinds that are remembered; the oldest one goes for one more.
    static let kinds = 1_000
    /// Fields that tell one kind from another.
    static let fields = ["source", "type", "route", "status", "code", "error"]

    struct Kind: Hashable {
        var level: Logger.Level
        var logger: String
        var message: String
        var fields: [String]
    }

    fileprivate struct Tally {
        /// By a clock that nobody sets.
        var since: Int64
        var written = 0
        var leftOut = 0
        /// The newest line that was left out, and its shape.
        var line: LogLine
        var format: LogFormat
    }

    private var tallies: [Kind: Tally] = [:]
    /// When the oldest tally has run for its time.
    private var nextEnd = Int64.max
    /// Kinds that went for newer ones before their minute was over, with what was left out of them.
    private var forgotten: [Tally] = []

    /// Whether a line is to be written.
    ///
    /// - Parameter now: milliseconds of a clock that nobody sets.
    mutating func admits(_ line: LogLine, as format: LogFormat, at now: Int64) -> Bool {
        guard line.level == .warning || line.level == .error, !line.isToldOnce else { return true }
        let kind = Kind(line)
        guard var tally = tallies[kind] else {
            if tallies.count >= Self.kinds, let oldest = tallies.min(by: { $0.value.since < $1.value.since }) {
                if oldest.value.leftOut > 0 { forgotten.append(oldest.value) }
                tallies[oldest.key] = nil
            }
            tallies[kind] = Tally(since: now, written: 1, line: line, format: format)
            nextEnd = min(nextEnd, now + Self.periodMilliseconds)
            return true
        }
        let isWritten = tally.written < Self.written
        if isWritten {
            tally.written += 1
        } else {
            tally.leftOut += 1
            tally.line = line
            tally.format = format
        }
        tallies[kind] = tally
        return isWritten
    }

    /// The lines that tell of what was left out of kinds that are not remembered any more.
    mutating func takeForgotten(at now: Int64) -> [(line: LogLine, format: LogFormat)] {
        guard !forgotten.isEmpty else { return [] }
        defer { forgotten = [] }
        return forgotten.map { ($0.summary(at: now), $0.format) }
    }

    /// The lines that tell of what was left out, of the kinds whose minute is over.
    ///
    /// - Parameter isEnd: Whether the process ends: then all of them.
    mutating func due(at now: Int64, isEnd: Bool = false) -> [(line: LogLine, format: LogFormat)] {
        guard now >= nextEnd || isEnd else { return [] }
        var due: [(line: LogLine, format: LogFormat)] = []
        for (kind, tally) in tallies where isEnd || now - tally.since >= Self.periodMilliseconds {
            guard tally.leftOut > 0 else {
                // A minute in which nothing had to be left out: what comes next is news.
                tallies[kind] = nil
                continue
            }
            due.append((tally.summary(at: now), tally.format))
            tallies[kind]?.leftOut = 0
            tallies[kind]?.since = now
        }
        nextEnd = tallies.values.map { $0.since + Self.periodMilliseconds }.min() ?? .max
        return due.sorted { $0.line.message < $1.line.message }
    }
}

extension LogRepetition.Kind {
    /// Bytes of a message by which it is known.
    private static let prefix = 300

    init(_ line: LogLine) {
        func field(_ key: String) -> String { line.fields.first { $0.key == key }.map { "\($0.value)" } ?? "" }
        self.init(
            level: line.level,
            logger: line.logger,
            message: Self.pattern(of: line.message),
            // Names and statuses say what they say with their digits.
            fields: LogRepetition.fields.map { $0 == "error" ? Self.pattern(of: field($0)) : field($0) }
        )
    }

    /// The message with `#` for each word that has a digit: times, counts, pages and ids are not what it says. A status that somebody answered is.
    static func pattern(of message: String) -> String {
        var pattern = MessagePattern()
        for byte in message.utf8.prefix(prefix) { pattern.append(byte) }
        return pattern.text
    }
}

/// What a message says, apart from its numbers.
private struct MessagePattern {
    private var bytes: [UInt8] = []
    private var word: [UInt8] = []
    /// Whether the next word may be a status: behind `answered 503`, and in `three times (500, 403, 503)`.
    private var isBeforeStatus = false

    mutating func append(_ byte: UInt8) {
        if byte >= 0x80 || byte == UInt8(ascii: "_") || Self.isDigit(byte) || (UInt8(ascii: "a")...UInt8(ascii: "z")).contains(byte | 0x20) {
            word.append(byte)
        } else {
            endWord()
            bytes.append(byte)
        }
    }

    var text: String {
        mutating get {
            endWord()
            return String(decoding: bytes, as: UTF8.self)
        }
    }

    private mutating func endWord() {
        guard !word.isEmpty else { return }
        if isBeforeStatus, word.count == 3, word.allSatisfy(Self.isDigit) {
            bytes += word
        } else {
            if word.contains(where: Self.isDigit) { bytes.append(UInt8(ascii: "#")) } else { bytes += word }
            isBeforeStatus = word == Array("answered".utf8) || word == Array("times".utf8)
        }
        word.removeAll(keepingCapacity: true)
    }

    private static func isDigit(_ byte: UInt8) -> Bool { (UInt8(ascii: "0")...UInt8(ascii: "9")).contains(byte) }
}

extension LogRepetition.Tally {
    /// The line that tells of the others, and how to find the last of them. Its own time is whoever's who writes it.
    fileprivate func summary(at now: Int64) -> LogLine {
        let seconds = max(1, (now - since) / 1_000)
        var summary = line
        var lastTime: [UInt8] = []
        LogTime.append(line.milliseconds, to: &lastTime)
        summary.message = "\(leftOut) more of these in the last \(seconds) s were left out, of which the last one was: \(line.message)"
        summary.fields = line.fields.filter { LogRepetition.fields.contains($0.key) || $0.key == "request_id" }
        summary.fields += [("left_out", .stringConvertible(leftOut)), ("last_time", .string(String(decoding: lastTime, as: UTF8.self)))]
        return summary
    }
}
