import Logging

extension LogLine {
    /// One line for people:
    ///
    /// `2024-12-15T14:30:00.123Z INFO     kasparro: run ended rows=275 run_id=etl_20241215_143022_abc123`
    func text(isColored: Bool, _ scrubber: LogScrubber) -> [UInt8] {
        var bytes: [UInt8] = []
        bytes.reserveCapacity(256)
        LogTime.append(milliseconds, to: &bytes)
        bytes.append(UInt8(ascii: " "))
        let name = level.rawValue.uppercased()
        if isColored { bytes.append(contentsOf: level.color.utf8) }
        bytes.append(contentsOf: name.utf8)
        if isColored { bytes.append(contentsOf: "\u{1B}[0m".utf8) }
        // CRITICAL is the longest level name.
        bytes.append(contentsOf: repeatElement(UInt8(ascii: " "), count: max(1, 9 - name.utf8.count)))
        LogText.appendPlain(logger, to: &bytes)
        bytes.append(contentsOf: ": ".utf8)
        LogText.appendPlain(scrubber.clean(message), to: &bytes)
        for (index, field) in fields.enumerated() {
            if bytes.count > Self.longest {
                bytes.append(contentsOf: " fields_left_out=\(fields.count - index)".utf8)
                break
            }
            bytes.append(UInt8(ascii: " "))
            LogText.appendPlain(scrubber.clean(field.key), to: &bytes)
            bytes.append(UInt8(ascii: "="))
            LogText.appendValue(scrubber.clean("\(field.value)"), to: &bytes)
        }
        bytes.append(UInt8(ascii: "\n"))
        return bytes
    }
}

extension Logger.Level {
    fileprivate var color: String {
        switch self {
        case .trace, .debug: "\u{1B}[2m"
        case .info, .notice: "\u{1B}[32m"
        case .warning: "\u{1B}[33m"
        case .error, .critical: "\u{1B}[31m"
        }
    }
}
