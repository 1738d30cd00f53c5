import Logging
import Synchronization
import Testing

@testable import Telemetry

@Suite struct LogHandlerTests {
    /// 2024-12-15T14:30:00.007Z.
    private let moment: Int64 = 1_734_273_000_007

    private func event(
        _ message: Logger.Message,
        level: Logger.Level = .info,
        metadata: Logger.Metadata? = nil
    ) -> LogEvent {
        LogEvent(
            level: level,
            message: message,
            metadata: metadata,
            source: nil,
            file: "F",
            function: "f",
            line: 1
        )
    }

    private func text(_ bytes: [UInt8]) -> String { String(decoding: bytes, as: UTF8.self) }

    @Test func jsonLineHasFixedKeysThenMetadata() {
        var handler = JSONLogHandler(label: "kasparro.runs", level: .info, sink: LogSink { _ in true })
        handler[metadataKey: "run_id"] = "etl_1"
        let metadata: Logger.Metadata = [
            "rows": .stringConvertible(275), "ok": .stringConvertible(true), "time": "noon",
            "list": ["a", ["b": "c"]],
        ]
        #expect(
            text(handler.line(for: event("run \"finished\"", metadata: metadata), milliseconds: moment))
                == #"{"time":"2024-12-15T14:30:00.007Z","level":"info","logger":"kasparro.runs","#
                + #""message":"run \"finished\"","list":["a",{"b":"c"}],"ok":true,"rows":275,"run_id":"etl_1","_time":"noon"}"#
                + "\n"
        )
    }

    @Test func textLineIsForPeople() {
        let handler = TextLogHandler(label: "kasparro.runs", level: .info, sink: LogSink { _ in true })
        let metadata: Logger.Metadata = ["source": "csv", "reason": "no such file", "empty": ""]
        #expect(
            text(handler.line(for: event("run failed", level: .warning, metadata: metadata), milliseconds: moment))
                == #"2024-12-15T14:30:00.007Z WARNING  kasparro.runs: run failed empty="" reason="no such file" source=csv"#
                + "\n"
        )
    }

    @Test(arguments: LogFormat.allCases)
    func aMessageCannotBreakTheLine(_ format: LogFormat) {
        let lines = Mutex<[[UInt8]]>([])
        let sink = LogSink { line in
            lines.withLock { $0.append(line) }
            return true
        }
        var logger = Logger(label: "a\nb") { format.handler(label: $0, level: .info, sink: sink) }
        logger.logLevel = .info
        let nasty = "one\ntwo\r\u{1B}[31m\u{9B}m\u{2028}\u{7F}\0three"
        logger.info("\(nasty)", metadata: ["k\ney": "\(nasty)"])
        let line = lines.withLock { $0[0] }
        #expect(line.filter { $0 < 0x20 } == [0x0A])
        #expect(line.last == 0x0A)
        #expect(
            text(line).unicodeScalars.allSatisfy {
                $0 == "\n" || !(0x7F...0x9F).contains($0.value) && $0.value != 0x2028
            }
        )
    }

    @Test func colourIsForTerminalsOnly() {
        let handler = TextLogHandler(label: "l", level: .info, sink: LogSink(isTerminal: true) { _ in true })
        #expect(
            text(handler.line(for: event("m", level: .error), milliseconds: 0)).contains("\u{1B}[31mERROR\u{1B}[0m")
        )
    }

    @Test func messagesAreCountedByLevelAndLostOnesToo() {
        let registry = PrometheusRegistry(onMisuse: { _, _ in })
        let sink = LogSink(registry: registry) { _ in false }
        let logger = Logger(label: "l") { LogFormat.json.handler(label: $0, level: .info, sink: sink) }
        logger.error("a")
        logger.error("b")
        logger.debug("not written")
        let exposition = text(registry.render())
        #expect(exposition.contains("kasparro_log_messages_total{level=\"error\"} 2\n"))
        #expect(exposition.contains("kasparro_log_messages_total{level=\"debug\"} 0\n"))
        #expect(exposition.contains("kasparro_log_dropped_total 2\n"))
    }

    @Test(arguments: [
        (Int64(0), "1970-01-01T00:00:00.000Z"), (-1, "1969-12-31T23:59:59.999Z"),
        (951_782_400_000, "2000-02-29T00:00:00.000Z"), (4_102_444_799_999, "2099-12-31T23:59:59.999Z"),
    ])
    func timesAreUTCWithMilliseconds(_ milliseconds: Int64, _ expected: String) {
        var bytes: [UInt8] = []
        LogTime.append(milliseconds, to: &bytes)
        #expect(text(bytes) == expected)
    }

    @Test func whatNobodyMaySeeIsTakenOutOfMessagesAndMetadata() {
        let lines = Mutex<[String]>([])
        let redaction: @Sendable ([UInt8]) -> [UInt8] = { Array(String(decoding: $0, as: UTF8.self).replacing("hunter2", with: "***").utf8) }
        let sink = LogSink(redaction: redaction) { line in
            lines.withLock { $0.append(String(decoding: line, as: UTF8.self)) }
            return true
        }
        for format in [LogFormat.text, .json] {
            var logger = Logger(label: "l") { format.handler(label: $0, level: .info, sink: sink) }
            logger[metadataKey: "a"] = "hunter2"
            logger.info("key hunter2", metadata: ["b": ["hunter2"]])
        }
        let text = lines.withLock { $0.joined() }
        #expect(!text.contains("hunter2") && text.count(where: { $0 == "*" }) == 18, "\(text)")
    }
}
