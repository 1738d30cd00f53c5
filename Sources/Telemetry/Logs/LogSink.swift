import CoreMetrics
import Glibc
import Logging
import Synchronization

/// Where the lines of the log go, what is left out of them, and what is counted about them.
///
/// Each line is one `write(2)`, so lines of several threads, or of several processes on one pipe, never mix (up to
/// PIPE_BUF, 4 KiB; longer ones may). A non-blocking pipe that is full loses the line, which is counted.
package final class LogSink: Sendable {
    /// What is counted.
    package static let metrics = [written, lost, leftOut]
    private static let written = MetricDefinition(
        "kasparro_log_messages_total",
        .counter,
        "Log messages written, by level.",
        labels: [MetricLabel("level", .known(Logger.Level.allCases.map(\.rawValue)))]
    )
    private static let lost = MetricDefinition(
        "kasparro_log_dropped_total",
        .counter,
        "Log messages lost because the log could not be written."
    )
    private static let leftOut = MetricDefinition(
        "kasparro_log_suppressed_total",
        .counter,
        "Warnings and errors left out of the log because the same was said again and again; a line a minute tells how many."
    )

    private let output: @Sendable ([UInt8]) -> Bool
    private let scrubber: LogScrubber
    let clock: LogClock
    /// Whether lines end on a terminal that may show colour.
    package let isTerminal: Bool
    private let repetition = Mutex(LogRepetition())
    private let messages: [any CounterHandler]
    private let dropped: (any CounterHandler)?
    private let suppressed: (any CounterHandler)?

    /// - Parameters:
    ///   - fileDescriptor: where to write, 2 for standard error; it stays open.
    ///   - registry: counts lines when given.
    ///   - redaction: applied to every message and value; takes out what nobody may see.
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
        clock: LogClock = .system,
        output: @escaping @Sendable ([UInt8]) -> Bool
    ) {
        self.output = output
        scrubber = LogScrubber(redaction: redaction)
        self.clock = clock
        self.isTerminal = isTerminal
        guard let registry else {
            messages = []
            dropped = nil
            suppressed = nil
            return
        }
        for metric in Self.metrics { registry.declare(metric) }
        messages = Logger.Level.allCases.map { registry.makeCounter(label: Self.written.name, dimensions: [("level", $0.rawValue)]) }
        dropped = registry.makeCounter(label: Self.lost.name, dimensions: [])
        suppressed = registry.makeCounter(label: Self.leftOut.name, dimensions: [])
    }

    /// Writes a line, unless it has been said too often, and what is due to be told of lines that were left out.
    func write(_ line: LogLine, as format: LogFormat) {
        let now = clock.monotonic()
        let (due, isAdmitted) = repetition.withLock { repetition in
            let due = repetition.due(at: now)
            let isAdmitted = repetition.admits(line, as: format, at: now)
            return (due + repetition.takeForgotten(at: now), isAdmitted)
        }
        for summary in due { tell(summary) }
        if isAdmitted { put(line, format) } else { suppressed?.increment(by: 1) }
    }

    /// Tells of lines that were left out a minute ago or longer; to be called now and then, for a process that has become silent.
    ///
    /// - Parameter isEnd: Whether the process ends: then of all.
    package func tellOfRepetition(isEnd: Bool = false) {
        let now = clock.monotonic()
        for summary in repetition.withLock({ $0.due(at: now, isEnd: isEnd) }) { tell(summary) }
    }

    /// Writes a line about others, with the time at which it is written.
    private func tell(_ summary: (line: LogLine, format: LogFormat)) {
        var line = summary.line
        line.milliseconds = clock.wall()
        put(line, summary.format)
    }

    private func put(_ line: LogLine, _ format: LogFormat) {
        guard output(line.bytes(as: format, isColored: isTerminal, scrubber)) else {
            dropped?.increment(by: 1)
            return
        }
        if let index = Logger.Level.allCases.firstIndex(of: line.level), index < messages.count { messages[index].increment(by: 1) }
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
