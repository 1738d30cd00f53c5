package import Logging

/// Writes each log event as one JSON object on one line:
///
/// `{"time":"2024-12-15T14:30:00.123Z","level":"info","logger":"kasparro.runs","message":"…","run_id":"…"}`
///
/// Metadata become members beside the four fixed ones; a key that equals one of those gets an underscore in front.
package struct JSONLogHandler: LogHandler {
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
        bytes.append(contentsOf: "{\"time\":\"".utf8)
        LogTime.append(milliseconds, to: &bytes)
        bytes.append(contentsOf: "\",\"level\":\"".utf8)
        bytes.append(contentsOf: event.level.rawValue.utf8)
        bytes.append(contentsOf: "\",\"logger\":".utf8)
        LogText.appendJSON(label, to: &bytes)
        bytes.append(contentsOf: ",\"message\":".utf8)
        LogText.appendJSON(event.message.description, to: &bytes)
        for (key, value) in LogFields.merged(of: event, handler: metadata, provider: metadataProvider) {
            bytes.append(UInt8(ascii: ","))
            LogText.appendJSON(Self.fixedKeys.contains(key) ? "_" + key : key, to: &bytes)
            bytes.append(UInt8(ascii: ":"))
            Self.append(value, to: &bytes)
        }
        bytes.append(contentsOf: "}\n".utf8)
        return bytes
    }

    private static let fixedKeys: Set<String> = ["time", "level", "logger", "message"]

    private static func append(_ value: Logger.MetadataValue, to bytes: inout [UInt8]) {
        switch value {
        case .string(let text): LogText.appendJSON(text, to: &bytes)
        case .stringConvertible(let value as any FixedWidthInteger): bytes.append(contentsOf: "\(value)".utf8)
        case .stringConvertible(let value as Bool): bytes.append(contentsOf: (value ? "true" : "false").utf8)
        case .stringConvertible(let value): LogText.appendJSON(value.description, to: &bytes)
        case .array(let values):
            bytes.append(UInt8(ascii: "["))
            for (index, element) in values.enumerated() {
                if index > 0 { bytes.append(UInt8(ascii: ",")) }
                append(element, to: &bytes)
            }
            bytes.append(UInt8(ascii: "]"))
        case .dictionary(let members):
            bytes.append(UInt8(ascii: "{"))
            for (index, member) in members.sorted(by: { $0.key < $1.key }).enumerated() {
                if index > 0 { bytes.append(UInt8(ascii: ",")) }
                LogText.appendJSON(member.key, to: &bytes)
                bytes.append(UInt8(ascii: ":"))
                append(member.value, to: &bytes)
            }
            bytes.append(UInt8(ascii: "}"))
        @unknown default: LogText.appendJSON("\(value)", to: &bytes)
        }
    }
}
