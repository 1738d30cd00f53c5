import MarketData
import Testing

@testable import KasparroCLI

@Suite struct ProgressTests {
    private static let start = Timestamp(milliseconds: 1_700_000_000_000)

    private static func progress(_ sources: [RunProgress.Source], after milliseconds: Int64 = 12_000) -> RunProgress {
        RunProgress(runID: "etl_1", sources: sources, now: Timestamp(milliseconds: start.milliseconds + milliseconds), startedAt: start)
    }

    /// A wait that ends so long after the start.
    private static func wait(until milliseconds: Int64, _ why: String = "quota") -> RunProgress.State {
        .waiting(until: Timestamp(milliseconds: start.milliseconds + milliseconds), why: why)
    }

    private static let mixed = progress([
        .init(name: "csv", state: .running, rows: 345_000, rate: 180_250),
        .init(name: "coinpaprika", state: wait(until: 45_500), rows: 0),
        .init(name: "coingecko", state: .ended("failed"), rows: 1),
    ])

    @Test func aTerminalShowsALineForEachSource() {
        let frame = ProgressFrame(columns: 80, rows: 24, isColored: false)
        #expect(
            frame.lines(Self.mixed) == [
                "run etl_1, 12 s",
                "  csv          345,000 records  180,250/s",
                "  coinpaprika        0 records  waiting for quota, 34 s left",
                "  coingecko           1 record  failed",
            ]
        )
    }

    @Test func colourIsOfTheStateAloneAndOfNoRunningOne() {
        let lines = ProgressFrame(columns: 80, rows: 24, isColored: true).lines(Self.mixed)
        #expect(!lines[1].contains("\u{1B}") && lines[3].hasSuffix("1 record  \u{1B}[31mfailed\u{1B}[0m"))
    }

    @Test(arguments: [1, 2, 10, 20, 33, 50]) func noLineBreaks(columns: Int) {
        let lines = ProgressFrame(columns: columns, rows: 24, isColored: false).lines(Self.mixed)
        #expect(lines.allSatisfy { $0.count <= max(1, columns - 1) }, "\(lines)")
    }

    @Test func aLowTerminalShowsThoseThatStillRun() {
        let sources = (0..<9).map { RunProgress.Source(name: "s\($0)", state: $0 < 7 ? .ended("success") : .running) }
        let lines = ProgressFrame(columns: 80, rows: 6, isColored: false).lines(Self.progress(sources))
        #expect(lines.count == 4 && lines[1].contains("s7") && lines[2].contains("s8") && lines[3] == "  and 7 more", "\(lines)")
    }

    @Test func offATerminalALineSaysWhatIsNew() {
        var lines = ProgressLines()
        func tell(_ rows: Int, _ api: RunProgress.State, at time: Int64) -> [String] {
            let sources = [
                RunProgress.Source(name: "csv", state: .running, rows: rows, rate: 1_500), RunProgress.Source(name: "api", state: api, rows: 250),
            ]
            return lines.lines(Self.progress(sources, after: time), at: time + 77)
        }
        #expect(tell(0, .running, at: 0) == [])
        #expect(tell(4_000, Self.wait(until: 20_000), at: 1_000) == ["api: waiting for quota, 19 s left"])
        #expect(tell(5_000, Self.wait(until: 20_000), at: 2_000) == [], "it waits still")
        #expect(tell(9_000, .running, at: 10_000) == ["csv: 9,000 records, 1,500/s"])
        #expect(tell(9_000, Self.wait(until: 21_500), at: 21_000) == [], "nothing has moved, and the wait is short")
        #expect(tell(9_001, Self.wait(until: 95_000, "backoff"), at: 30_000).last == "api: waiting before the next try, 1 min 5 s left")
        #expect(tell(9_001, .ended("partial_success"), at: 31_000) == ["api: partial_success, 250 records"])
        #expect(tell(9_001, .ended("partial_success"), at: 32_000) == [])
    }

    @Test func aRateIsThatOfTheLastFiveSeconds() {
        var meter = RateMeter()
        func rate(_ rows: Int, at time: Int64) -> Int? {
            var progress = Self.progress([.init(name: "csv", state: .running, rows: rows)])
            meter.measure(&progress, at: time)
            return progress.sources[0].rate
        }
        #expect(rate(0, at: 0) == nil && rate(100, at: 250) == nil)
        #expect(rate(1_000, at: 1_000) == 1_000)
        for second in 2...20 { _ = rate(1_000, at: Int64(second) * 1_000) }
        #expect(rate(3_500, at: 21_000) == 500, "what came before does not count")
    }

    @Test func aScreenIsWrittenInPlace() {
        var frame = ScreenFrame()
        #expect(frame.replace(with: ["a", "b"], columns: 80) == "a\nb\n")
        #expect(frame.put("log\n", columns: 80) == "\u{1B}[2A\r\u{1B}[Jlog\na\nb\n")
        #expect(frame.replace(with: ["c"], columns: 90) == "\u{1B}[2A\r\u{1B}[Jc\n")
        #expect(frame.replace(with: ["d"], columns: 40) == "d\n", "narrower now: nobody knows how many lines the old ones are")
        #expect(frame.replace(with: [], columns: 40) == "\u{1B}[1A\r\u{1B}[J")
        #expect(frame.put("log\n", columns: 40) == "log\n")
    }

    @Test func durationsAndNumbersRead() {
        #expect(
            [0, 1, 59_000, 60_000, 125_000, 3_600_000, 3_780_000].map { durationText($0) } == [
                "0 s", "1 s", "59 s", "1 min", "2 min 5 s", "1 h", "1 h 3 min",
            ]
        )
        #expect([0, 999, 1_000, 1_234_567, -1_000].map { groupedText($0) } == ["0", "999", "1,000", "1,234,567", "-1,000"])
    }
}
