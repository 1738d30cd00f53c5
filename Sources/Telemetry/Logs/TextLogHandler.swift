package import Logging

/// Writes each log event as one line for people:
///
/// `2024-12-15T14:30:00.123Z INFO     kasparro.runs: run finished rows=275 run_id=etl_20241215_143022_abc123`
///
/// The level is coloured on a terminal, unless `NO_COLOR` is set.
package struct TextLogHandler: LogHandler {
    package var logLevel: Logger.Level
    package var metadata: Logger.Metadata = [:]
    package var metadataProvider: Logger.MetadataProvider?
    private let label: String
    private let sink: LogSink

    /// - Parameters:
    ///   - label: the logger's name.
    ///   - level: events below it are not written.
    ///   - sink: where lines go.
    package init(label: String, level: Logger.Level, sink: LogSink) {
        self.label = label
        self.logLevel = level
        self.sink = sink
    }

    package subscript(metadataKey key: String) -> Logger.Metadata.Value? {
        get { metadata[key] }
        set { metadata[key] = newValue }
    }

    package func log(event: LogEvent) {
        sink.write(line(for: event, milliseconds: LogTime.now()), level: event.level)
    }

    /// The line with its newline.
    func line(for event: LogEvent, milliseconds: Int64) -> [UInt8] {
        var bytes: [UInt8] = []
        bytes.reserveCapacity(256)
        LogTime.append(milliseconds, to: &bytes)
        bytes.append(UInt8(ascii: " "))
        let level = event.level.rawValue.uppercased()
        if sink.isTerminal { bytes.append(contentsOf: Self.color(of: event.level).utf8) }
        bytes.append(contentsOf: level.utf8)
        if sink.isTerminal { bytes.append(contentsOf: "\u{1B}[0m".utf8) }
        // CRITICAL is the longest level name.
        bytes.append(contentsOf: repeatElement(UInt8(ascii: " "), count: max(1, 9 - level.utf8.count)))
        LogText.appendPlain(label, to: &bytes)
        bytes.append(contentsOf: ": ".utf8)
        LogText.appendPlain(event.message.description, to: &bytes)
        for (key, value) in LogFields.merged(of: event, handler: metadata, provider: metadataProvider) {
            bytes.append(UInt8(ascii: " "))
            LogText.appendPlain(key, to: &bytes)
            bytes.append(UInt8(ascii: "="))
            LogText.appendValue("\(value)", to: &bytes)
        }
        bytes.append(UInt8(ascii: "\n"))
        return bytes
    }

    private static func color(of level: Logger.Level) -> String {
        switch level {
        case .trace, .debug: "\u{1B}[2m"
        case .info, .notice: "\u{1B}[32m"
        case .warning: "\u{1B}[33m"
        case .error, .critical: "\u{1B}[31m"
        }
    }
}
