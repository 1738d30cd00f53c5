import Logging
import Synchronization
import Testing

@testable import Telemetry

@Suite struct LogRepetitionTests {
    /// A log whose clock stands still unless it is told to go on.
    private final class Bench: Sendable {
        let registry = PrometheusRegistry(onMisuse: { _, _ in })
        let logger: Logger
        let sink: LogSink
        private final class Recorder: Sendable {
            let seconds = Mutex<Int64>(0)
            let written = Mutex<[String]>([])
        }
        private let recorder: Recorder

        init() {
            let recorder = Recorder()
            self.recorder = recorder
            let clock = LogClock(wall: { recorder.seconds.withLock { $0 } * 1_000 }, monotonic: { recorder.seconds.withLock { $0 } * 1_000 })
            let sink = LogSink(registry: registry, clock: clock) { line in
                recorder.written.withLock { $0.append(String(decoding: line.dropFirst(25).dropLast(), as: UTF8.self)) }
                return true
            }
            self.sink = sink
            logger = Logger(label: "l") { LogFormat.text.handler(label: $0, level: .info, sink: sink) }
        }

        func pass(_ seconds: Int64) { recorder.seconds.withLock { $0 += seconds } }

        /// The lines since the last time.
        func lines() -> [String] {
            recorder.written.withLock { lines in
                defer { lines = [] }
                return lines
            }
        }

        var suppressed: String {
            let text = String(decoding: registry.render(), as: UTF8.self)
            return String(text.split(separator: "\n").first { $0.hasPrefix("kasparro_log_suppressed_total ") } ?? "none")
        }
    }

    @Test func theFirstOnesAreWrittenAndThenALineAMinute() {
        let bench = Bench()
        for second in 0..<180 {
            bench.logger.warning("the disk is full: \(second) bytes free, run etl_\(second)_x", metadata: ["run_id": "etl_\(second)"])
            bench.pass(1)
        }
        let lines = bench.lines()
        #expect(lines.count == 7, "\(lines)")
        #expect(lines[..<5].allSatisfy { $0.contains("WARNING  l: the disk is full: ") })
        #expect(
            lines[5]
                == "WARNING  l: 55 more of these in the last 60 s were left out, of which the last one was: the disk is full: 59 bytes free, run etl_59_x left_out=55 last_time=1970-01-01T00:00:59.000Z"
        )
        #expect(lines[6].contains("60 more of these in the last 60 s were left out"))
        #expect(bench.suppressed == "kasparro_log_suppressed_total 175")
    }

    @Test func aSilenceIsToldOfToo() {
        let bench = Bench()
        for _ in 0..<8 { bench.logger.error("no connection", metadata: ["source": "a"]) }
        _ = bench.lines()
        bench.sink.tellOfRepetition()
        #expect(bench.lines().isEmpty, "the minute is not over")
        bench.pass(60)
        bench.sink.tellOfRepetition()
        #expect(
            bench.lines() == [
                "ERROR    l: 3 more of these in the last 60 s were left out, of which the last one was: no connection source=a left_out=3 last_time=1970-01-01T00:00:00.000Z"
            ]
        )
        bench.pass(60)
        bench.sink.tellOfRepetition()
        #expect(bench.lines().isEmpty, "nothing was left out since")
        for _ in 0..<5 { bench.logger.error("no connection", metadata: ["source": "a"]) }
        #expect(bench.lines().count == 5, "after a quiet minute it is news again")
    }

    @Test func theEndTellsOfTheRest() {
        let bench = Bench()
        for _ in 0..<6 { bench.logger.warning("w") }
        _ = bench.lines()
        bench.sink.tellOfRepetition(isEnd: true)
        #expect(bench.lines().count == 1)
    }

    @Test func whatIsNotTheSameIsWritten() {
        let bench = Bench()
        for source in 0..<30 { bench.logger.warning("it failed", metadata: ["source": "s\(source)"]) }
        for word in ["red", "blue", "green", "white", "black", "grey", "brown"] { bench.logger.warning("the \(word) one failed") }
        #expect(bench.lines().count == 37)
        #expect(bench.suppressed == "kasparro_log_suppressed_total 0")
    }

    @Test func whatIsToldOnceIsWrittenAndTheMarkIsNot() {
        let bench = Bench()
        for number in 0..<20 { bench.logger.error("segment \(number) is gone", metadata: LogFields.toldOnce) }
        #expect(bench.lines() == (0..<20).map { "ERROR    l: segment \($0) is gone" })
    }

    @Test func causesRoutesAndStatusesMakeDifferentKinds() {
        let bench = Bench()
        func fail(_ route: String, _ error: String, _ id: Int) {
            bench.logger.error("request failed", metadata: ["route": "\(route)", "error": "\(error)", "request_id": "r\(id)"])
        }
        for id in 0..<9 { fail("/data", "no rows", id) }
        fail("/runs", "no rows", 9)
        fail("/data", "no memory", 10)
        for status in [500, 500, 500, 500, 500, 500, 403] { bench.logger.warning("https://a answered \(status) twice") }
        let lines = bench.lines()
        #expect(lines.count == 5 + 2 + 5 + 1, "\(lines)")
        #expect(lines.last?.contains("answered 403") == true)
        bench.pass(60)
        bench.sink.tellOfRepetition()
        #expect(bench.lines().contains { $0.contains("request_id=r8 route=/data left_out=4 ") })
    }

    @Test func theLineAboutOthersHasTheTimeAtWhichItIsWritten() {
        let written = Mutex<[String]>([])
        let sink = LogSink(clock: LogClock(wall: { 90_000 }, monotonic: { 90_000 })) { line in
            written.withLock { $0.append(String(decoding: line, as: UTF8.self)) }
            return true
        }
        for second in 0..<6 { sink.write(LogLine(milliseconds: Int64(second) * 1_000, level: .warning, logger: "l", message: "w"), as: .text) }
        sink.tellOfRepetition(isEnd: true)
        let last = written.withLock { $0.last ?? "" }
        #expect(last.hasPrefix("1970-01-01T00:01:30.000Z ") && last.contains("last_time=1970-01-01T00:00:05.000Z"), "\(last)")
    }

    @Test func aLineThatIsLostIsNotCountedAsWritten() {
        let registry = PrometheusRegistry(onMisuse: { _, _ in })
        let sink = LogSink(registry: registry) { _ in false }
        sink.write(LogLine(milliseconds: 0, level: .warning, logger: "l", message: "w"), as: .text)
        let text = String(decoding: registry.render(), as: UTF8.self)
        #expect(text.contains("kasparro_log_messages_total{level=\"warning\"} 0\n") && text.contains("kasparro_log_dropped_total 1\n"), "\(text)")
    }

    @Test func whatIsNoComplaintAndWhatIsCriticalIsAlwaysWritten() {
        let bench = Bench()
        for _ in 0..<100 {
            bench.logger.info("request answered")
            bench.logger.critical("it burns")
        }
        #expect(bench.lines().count == 200)
    }

    @Test func aSlowTrickleIsWritten() {
        let bench = Bench()
        for _ in 0..<40 {
            bench.logger.warning("once more")
            bench.pass(20)
        }
        #expect(bench.lines().count == 40)
    }

    @Test func memoryIsBounded() {
        var repetition = LogRepetition()
        func line(_ text: String) -> LogLine { LogLine(milliseconds: 0, level: .warning, logger: "l", message: text) }
        func word(_ number: Int) -> String { String(String(number).map { Character(Unicode.Scalar(UInt8(ascii: "a") + UInt8(String($0))!)) }) }
        func admits(_ number: Int, at now: Int64) -> Bool { repetition.admits(line(word(number)), as: .text, at: now) }
        for _ in 0..<7 { _ = admits(0, at: 0) }
        #expect(repetition.takeForgotten(at: 0).isEmpty)
        for number in 1..<1_500 { #expect(admits(number, at: Int64(number))) }
        let forgotten = repetition.takeForgotten(at: 1_500).map(\.line.message)
        #expect(forgotten.count == 1 && forgotten.allSatisfy { $0.hasPrefix("2 more of these") }, "\(forgotten)")
        for _ in 0..<4 { #expect(admits(1_499, at: 2_000)) }
        #expect(!admits(1_499, at: 2_000), "the newest kinds are remembered")
        #expect(admits(0, at: 2_000), "the oldest ones are not")
    }

    @Test(arguments: [
        ("page=2 of 17 in 0.25 s", "page=# of # in #.# s"), ("run etl_20241215_143022_ab12cd ended", "run # ended"),
        ("plain_words stay", "plain_words stay"), ("https://a/1 answered 503 twice; last: 12 bytes", "https://a/# answered 503 twice; last: # bytes"),
        ("tried 3 times (500, 403, 500); last: 500 of 7", "tried # times (500, 403, 500); last: # of #"),
        ("at 2024-12-15T14:30:00Z", "at #-#-#:#:#"), ("2 first", "# first"), ("last 3", "last #"),
    ])
    func wordsWithDigitsAreNotWhatAMessageSays(_ message: String, _ pattern: String) {
        #expect(LogRepetition.Kind.pattern(of: message) == pattern)
    }
}
