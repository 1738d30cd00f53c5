import Logging
import Synchronization
import Testing

@testable import Telemetry

@Suite struct LogHandlerTests {
    /// 2024-12-15T14:30:00.007Z.
    private let moment: Int64 = 1_734_273_000_007

    private func text(_ bytes: [UInt8]) -> String { String(decoding: bytes, as: UTF8.self) }

    /// What is written of one event.
    private func line(
        _ format: LogFormat,
        _ message: Logger.Message,
        level: Logger.Level = .info,
        logger: Logger.Metadata = [:],
        metadata: Logger.Metadata? = nil,
        isTerminal: Bool = false
    ) -> String {
        let lines = Mutex<[String]>([])
        let moment = moment
        let clock = LogClock(wall: { moment }, monotonic: { 0 })
        let sink = LogSink(isTerminal: isTerminal, clock: clock) { line in
            lines.withLock { $0.append(String(decoding: line, as: UTF8.self)) }
            return true
        }
        var handler = format.handler(label: "kasparro", level: .trace, sink: sink)
        handler.metadata = logger
        handler.log(event: LogEvent(level: level, message: message, metadata: metadata, source: nil, file: "F", function: "f", line: 1))
        return lines.withLock { $0.joined() }
    }

    @Test func jsonLineHasFixedKeysThenMetadata() {
        let metadata: Logger.Metadata = [
            "rows": .stringConvertible(275), "ok": .stringConvertible(true), "time": "noon", "list": ["a", ["b": "c"]],
        ]
        #expect(
            line(.json, "run \"finished\"", logger: ["run_id": "etl_1"], metadata: metadata)
                == #"{"time":"2024-12-15T14:30:00.007Z","level":"info","logger":"kasparro","#
                + #""message":"run \"finished\"","list":["a",{"b":"c"}],"ok":true,"rows":275,"run_id":"etl_1","_time":"noon"}"#
                + "\n"
        )
    }

    @Test func textLineIsForPeople() {
        let metadata: Logger.Metadata = ["source": "csv", "reason": "no such file", "empty": ""]
        #expect(
            line(.text, "run failed", level: .warning, metadata: metadata)
                == #"2024-12-15T14:30:00.007Z WARNING  kasparro: run failed empty="" reason="no such file" source=csv"# + "\n"
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
        // The last ones turn the order of reading round, join, and tag.
        let nasty = "one\ntwo\r\u{1B}[31m\u{9B}m\u{2028}\u{2029}\u{7F}\0three\u{202E}\u{2066}\u{200F}\u{61C}\u{FEFF}\u{200D}\u{E0041}"
        logger.info("\(nasty)", metadata: ["k\ney": "\(nasty)"])
        let line = lines.withLock { $0[0] }
        #expect(line.filter { $0 < 0x20 } == [0x0A])
        #expect(line.last == 0x0A)
        #expect(
            text(line).unicodeScalars.allSatisfy {
                $0 == "\n" || ![.control, .format, .lineSeparator, .paragraphSeparator].contains($0.properties.generalCategory)
            }
        )
        #expect(text(line).contains("\\u001b[31m") && text(line).contains("\\u202e\\u2066") && text(line).contains("\\udb40\\udc41"), "\(text(line))")
    }

    @Test func colourIsForTerminalsOnly() {
        #expect(line(.text, "m", level: .error, isTerminal: true).contains("\u{1B}[31mERROR\u{1B}[0m"))
    }

    @Test func otherScriptsStayReadable() {
        #expect(line(.text, "Größe 10 \u{20AC}, ビットコイン").hasSuffix("kasparro: Größe 10 €, ビットコイン\n"))
    }

    @Test(arguments: LogFormat.allCases)
    func whatIsNotUTF8IsWrittenAsUTF8(_ format: LogFormat) {
        let name = String(decoding: [0x61, 0xFF, 0xC3, 0x62] as [UInt8], as: UTF8.self)
        #expect(line(format, "\(name)", metadata: ["file": "\(name)"]).contains("a\u{FFFD}\u{FFFD}b"))
    }

    @Test(arguments: LogFormat.allCases)
    func hugeTextsAreCutWithANote(_ format: LogFormat) {
        // The cut falls into the middle of a character.
        let huge = "x" + String(repeating: "ü", count: 500_000)
        let cut = line(format, "\(huge)", metadata: ["body": "\(huge)"])
        #expect(cut.utf8.count < 3 * LogScrubber.longest && !cut.contains("\u{FFFD}"))
        #expect(cut.ranges(of: "ü… (cut: 1000001 bytes in all)").count == 2)
    }

    @Test(arguments: LogFormat.allCases)
    func tooManyFieldsAreLeftOutWithANote(_ format: LogFormat) throws {
        let value = Logger.MetadataValue.string(String(repeating: "y", count: 4_000))
        let many = Logger.Metadata(uniqueKeysWithValues: (100..<200).map { ("key\($0)", value) })
        for metadata in [many, ["list": .array(Array(repeating: value, count: 100))], ["members": .dictionary(many)]] {
            let cut = line(format, "m", metadata: metadata)
            #expect(cut.utf8.count < LogLine.longest + 2 * LogScrubber.longest, "\(cut.utf8.count) bytes")
            #expect(cut.contains("left_out") || cut.contains("left out") || cut.contains("(cut: "))
        }
    }

    @Test func messagesAreCountedByLevelAndLostOnesToo() {
        let registry = PrometheusRegistry(onMisuse: { _, _ in })
        let sink = LogSink(registry: registry) { !String(decoding: $0, as: UTF8.self).contains("lost") }
        let logger = Logger(label: "l") { LogFormat.json.handler(label: $0, level: .info, sink: sink) }
        logger.error("a")
        logger.error("b")
        logger.error("lost")
        logger.debug("not written")
        let exposition = text(registry.render())
        #expect(exposition.contains("kasparro_log_messages_total{level=\"error\"} 2\n"))
        #expect(exposition.contains("kasparro_log_messages_total{level=\"debug\"} 0\n"))
        #expect(exposition.contains("kasparro_log_dropped_total 1\n"))
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

    /// A secret may hold what a format writes in another way, be the error itself, or a number; a line is a line all the same.
    @Test func noSecretIsSeenInAnyPlace() {
        struct Failure: Error, CustomStringConvertible { let description = "for k\"1\n2" }
        let lines = Mutex<[String]>([])
        let redaction: @Sendable ([UInt8]) -> [UInt8] = {
            Array(String(decoding: $0, as: UTF8.self).replacing("k\"1\n2", with: "***").replacing("4711", with: "***").utf8)
        }
        let sink = LogSink(redaction: redaction) { line in
            lines.withLock { $0.append(String(decoding: line, as: UTF8.self)) }
            return true
        }
        let logger = Logger(label: "l") { LogFormat.json.handler(label: $0, level: .info, sink: sink) }
        logger.info("m", error: Failure(), metadata: ["k\"1\n2": ["d": "k\"1\n2"], "n": .stringConvertible(4711), "l": ["k\"1\n2"]])
        let line = lines.withLock { $0[0] }
        #expect(line.hasSuffix(#","message":"m","error":"for ***","***":{"d":"***"},"l":["***"],"n":"***"}"# + "\n"), "\(line)")
    }

    /// Half a secret would not be found.
    @Test func secretsAreTakenOutBeforeATextIsCut() {
        let redaction: @Sendable ([UInt8]) -> [UInt8] = { Array(String(decoding: $0, as: UTF8.self).replacing("hunter2", with: "***").utf8) }
        let clean = LogScrubber(redaction: redaction).clean(String(repeating: "x", count: LogScrubber.longest - 3) + "hunter2" + "y")
        #expect(!clean.contains("hun") && clean.contains("x***… (cut: "), "\(clean.suffix(60))")
    }
}
