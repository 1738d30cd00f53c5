import CoreMetrics
import Glibc
import Logging

/// Where finished log lines go, and what is counted about them.
///
/// Each line is one `write(2)`, so lines of several threads, or of several processes on one pipe, never mix (up to
/// PIPE_BUF, 4 KiB; longer ones may). A non-blocking pipe that is full loses the line, which is counted.
package final class LogSink: Sendable {
    private let output: @Sendable ([UInt8]) -> Bool
    /// Takes out of a line what nobody may see.
    private let redaction: (@Sendable ([UInt8]) -> [UInt8])?
    /// Whether lines end on a terminal that may show colour.
    package let isTerminal: Bool
    private let messages: [any CounterHandler]
    private let dropped: (any CounterHandler)?

    /// - Parameters:
    ///   - fileDescriptor: where to write, 2 for standard error; it stays open.
    ///   - registry: counts `kasparro_log_messages_total{level}` and `kasparro_log_dropped_total` when given.
    ///   - redaction: applied to every line, message and metadata alike; it keeps the newline.
    package convenience init(
        fileDescriptor: Int32 = 2,
        registry: PrometheusRegistry? = nil,
        redaction: (@Sendable ([UInt8]) -> [UInt8])? = nil
    ) {
        let isTerminal = isatty(fileDescriptor) == 1 && getenv("NO_COLOR") == nil
        self.init(isTerminal: isTerminal, registry: registry, redaction: redaction) { Self.write($0, to: fileDescriptor) }
    }

    /// - Parameters:
    ///   - isTerminal: whether text lines are coloured.
    ///   - registry: as above.
    ///   - redaction: as above.
    ///   - output: takes one whole line with its newline; false when it was lost.
    package init(
        isTerminal: Bool = false,
        registry: PrometheusRegistry? = nil,
        redaction: (@Sendable ([UInt8]) -> [UInt8])? = nil,
        output: @escaping @Sendable ([UInt8]) -> Bool
    ) {
        self.output = output
        self.redaction = redaction
        self.isTerminal = isTerminal
        guard let registry else {
            messages = []
            dropped = nil
            return
        }
        registry.declare("kasparro_log_messages_total", help: "Log messages written, by level.", type: .counter)
        registry.declare(
            "kasparro_log_dropped_total",
            help: "Log messages lost because the log could not be written.",
            type: .counter
        )
        messages = Logger.Level.allCases.map {
            registry.makeCounter(label: "kasparro_log_messages_total", dimensions: [("level", $0.rawValue)])
        }
        dropped = registry.makeCounter(label: "kasparro_log_dropped_total", dimensions: [])
    }

    /// Writes one line and counts it.
    func write(_ line: [UInt8], level: Logger.Level) {
        if let index = Logger.Level.allCases.firstIndex(of: level), index < messages.count {
            messages[index].increment(by: 1)
        }
        if !output(redaction?(line) ?? line) { dropped?.increment(by: 1) }
    }

    /// Writes all of it, however often that takes; false when it cannot be.
    package static func write(_ line: [UInt8], to fileDescriptor: Int32) -> Bool {
        line.withUnsafeBytes { buffer in
            var offset = 0
            while offset < buffer.count {
                let written = Glibc.write(fileDescriptor, buffer.baseAddress! + offset, buffer.count - offset)
                if written > 0 {
                    offset += written
                } else if errno != EINTR {
                    return false
                }
            }
            return true
        }
    }
}
