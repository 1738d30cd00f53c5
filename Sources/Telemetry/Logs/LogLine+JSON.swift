import Logging

extension LogLine {
    /// One JSON object:
    ///
    /// `{"time":"2024-12-15T14:30:00.123Z","level":"info","logger":"kasparro","message":"…","run_id":"…"}`
    ///
    /// Fields become members beside the four fixed ones; a key that equals one of those gets an underscore in front.
    func json(_ scrubber: LogScrubber) -> [UInt8] {
        var bytes: [UInt8] = []
        bytes.reserveCapacity(256)
        bytes.append(contentsOf: "{\"time\":\"".utf8)
        LogTime.append(milliseconds, to: &bytes)
        bytes.append(contentsOf: "\",\"level\":\"".utf8)
        bytes.append(contentsOf: level.rawValue.utf8)
        bytes.append(contentsOf: "\",\"logger\":".utf8)
        LogText.appendJSON(logger, to: &bytes)
        bytes.append(contentsOf: ",\"message\":".utf8)
        LogText.appendJSON(scrubber.clean(message), to: &bytes)
        var writer = LogValueWriter(bytes: bytes, scrubber: scrubber)
        for (index, field) in fields.enumerated() {
            if writer.bytes.count > Self.longest {
                writer.bytes.append(contentsOf: ",\"fields_left_out\":\(fields.count - index)".utf8)
                break
            }
            writer.bytes.append(UInt8(ascii: ","))
            writer.key(Self.fixedKeys.contains(field.key) ? "_" + field.key : field.key)
            writer.value(field.value)
        }
        writer.bytes.append(contentsOf: "}\n".utf8)
        return writer.bytes
    }

    private static let fixedKeys: Set<String> = ["time", "level", "logger", "message"]
}

/// Writes metadata as JSON.
private struct LogValueWriter {
    var bytes: [UInt8]
    let scrubber: LogScrubber

    mutating func key(_ key: String) {
        text(key)
        bytes.append(UInt8(ascii: ":"))
    }

    mutating func value(_ value: Logger.MetadataValue) {
        switch value {
        case .string(let string): text(string)
        case .stringConvertible(let value as any FixedWidthInteger): plain("\(value)")
        case .stringConvertible(let value as Bool): plain(value ? "true" : "false")
        case .stringConvertible(let value): text(value.description)
        case .array(let values):
            bytes.append(UInt8(ascii: "["))
            for (index, element) in values.enumerated() {
                if index > 0 { bytes.append(UInt8(ascii: ",")) }
                if isFull(values.count - index) { break }
                self.value(element)
            }
            bytes.append(UInt8(ascii: "]"))
        case .dictionary(let members):
            bytes.append(UInt8(ascii: "{"))
            for (index, member) in members.sorted(by: { $0.key < $1.key }).enumerated() {
                if index > 0 { bytes.append(UInt8(ascii: ",")) }
                if bytes.count > LogLine.longest {
                    bytes.append(contentsOf: "\"left_out\":\(members.count - index)".utf8)
                    break
                }
                key(member.key)
                self.value(member.value)
            }
            bytes.append(UInt8(ascii: "}"))
        @unknown default: text("\(value)")
        }
    }

    /// Says so in the place of the rest of a list.
    private mutating func isFull(_ rest: Int) -> Bool {
        if bytes.count <= LogLine.longest { return false }
        text("\(rest) left out")
        return true
    }

    private mutating func text(_ text: String) { LogText.appendJSON(scrubber.clean(text), to: &bytes) }

    /// A number, or a truth; a text where part of it was secret.
    private mutating func plain(_ text: String) {
        let clean = scrubber.clean(text)
        if clean == text { bytes.append(contentsOf: text.utf8) } else { LogText.appendJSON(clean, to: &bytes) }
    }
}
