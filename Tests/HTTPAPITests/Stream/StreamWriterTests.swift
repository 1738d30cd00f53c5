import HTTPTypes
import Hummingbird
import MarketData
import NIOCore
import Synchronization
import Testing

@testable import HTTPAPI
@testable import TickerStore

/// What a reader of the feed is sent, without a connection.
@Suite struct StreamWriterTests {
    /// Keeps what is written, and does something in the middle of it.
    private final class Output: Sendable {
        private let text = Mutex("")
        /// Called with what was written so far.
        let after: @Sendable (String) -> Void
        init(after: @escaping @Sendable (String) -> Void = { _ in }) { self.after = after }
        var written: String { text.withLock { $0 } }
        func take(_ buffer: ByteBuffer) {
            let all = text.withLock { text in
                text += String(buffer: buffer)
                return text
            }
            after(all)
        }
    }

    private struct Writer: ResponseBodyWriter {
        let output: Output
        mutating func write(_ buffer: ByteBuffer) async throws { output.take(buffer) }
        consuming func finish(_ trailingHeaders: HTTPFields?) async throws {}
    }

    struct Event: Equatable {
        var id: String?
        var name: String?
        var rows = 0
    }

    private static func events(_ text: String) -> [Event] {
        text.split(separator: "\n\n").compactMap { block in
            var event = Event()
            for line in block.split(separator: "\n") {
                if line.hasPrefix("id: ") { event.id = String(line.dropFirst(4)) }
                if line.hasPrefix("event: ") { event.name = String(line.dropFirst(7)) }
                if line.hasPrefix("data: [") { event.rows = line.split(separator: "{").count - 1 }
            }
            return event.name == nil ? nil : event
        }
    }

    /// A commit of `count` rows of BTC and ETH in turn.
    private static func commit(_ sequence: UInt64, _ count: Int) -> CommittedRows {
        var lines: [UInt8] = []
        var ends: [Int] = []
        for row in 0..<count {
            lines += Array("{\"s\":\(sequence),\"r\":\(row)}\n".utf8)
            ends.append(lines.count)
        }
        return CommittedRows(
            sequence: sequence,
            series: ["BTC", "ETH"].map { SeriesKey(symbol: $0, source: "csv", sourceID: $0) },
            rowSeries: (0..<count).map { UInt32($0 % 2) },
            ends: ends,
            lines: lines
        )
    }

    /// Runs a reader until the feed ends.
    private static func run(_ feed: CommitFeed, query: String = "", lastEventID: String? = nil, to output: Output) async throws -> [Event] {
        let parameters = try QueryParameters(query, known: StreamRequest.parameters)
        let request = try StreamRequest(parameters, header: lastEventID)
        let writer = StreamWriter(
            feed: feed,
            reader: try #require(feed.makeReader()),
            request: request,
            progress: ClientProgress(nil, patience: .seconds(30)),
            heartbeat: .seconds(15)
        )
        var body: any ResponseBodyWriter = Writer(output: output)
        try await writer.run(&body)
        return events(output.written)
    }

    @Test func commitsComeInOrderAndTheLastEventSaysThatTheServerStops() async throws {
        let feed = CommitFeed()
        feed.begin(behind: 7)
        let output = Output { text in
            if text.hasSuffix("id: 7\n\n") {
                feed.append(Self.commit(9, 2))
                feed.append(Self.commit(12, 1_200))
                feed.end()
            }
        }
        let events = try await Self.run(feed, to: output)
        #expect(output.written.hasPrefix("retry: 3000\nid: 7\n\nid: 9\nevent: rows\ndata: [{\"s\":9,\"r\":0},{\"s\":9,\"r\":1}]\n\n"))
        #expect(events.map(\.id) == ["9", "12.500", "12.1000", "12", "12"])
        #expect(events.map(\.name) == ["rows", "rows", "rows", "rows", "shutdown"])
        #expect(events.map(\.rows) == [2, 500, 500, 200, 0])
    }

    @Test(arguments: [("7", 1_202), ("9", 1_200), ("12.500", 700), ("12.1000", 200), ("10", 1_200), ("12", 0)])
    func aReaderGoesOnBehindTheIdItHas(_ id: String, _ rows: Int) async throws {
        let feed = CommitFeed()
        feed.begin(behind: 7)
        feed.append(Self.commit(9, 2))
        feed.append(Self.commit(12, 1_200))
        feed.end()
        let events = try await Self.run(feed, lastEventID: id, to: Output())
        #expect(events.map(\.rows).reduce(0, +) == rows && !events.contains { $0.name == "reset" }, "\(events)")
    }

    @Test(arguments: ["6", "13", "9.3", "0.5", "nonsense", "10.1"])
    func aPlaceThatIsNotKeptOrUnknownIsResetAndGoesOnFromNow(_ id: String) async throws {
        let feed = CommitFeed()
        feed.begin(behind: 7)
        feed.append(Self.commit(9, 2))
        feed.append(Self.commit(12, 3))
        let output = Output { text in
            if text.contains("event: reset") {
                feed.append(Self.commit(15, 1))
                feed.end()
            }
        }
        let events = try await Self.run(feed, lastEventID: id, to: output)
        #expect(events.map(\.name) == ["reset", "rows", "shutdown"] && events.map(\.id) == ["12", "15", "15"], "\(events)")
    }

    /// Numbers go on from the backup's end in each store that is made of it, so a number alone does not say which commit is meant.
    @Test(arguments: [("9", true), ("9-00000001", true), ("9-0000002a", false), ("9.1-0000002a", false), ("9-2a", true), ("12-0000002a", false)])
    func anIdFromBeforeARestoreIsReset(_ id: String, _ isReset: Bool) async throws {
        let feed = CommitFeed()
        feed.begin(behind: 7, history: 42)
        feed.append(Self.commit(9, 2))
        feed.append(Self.commit(12, 600))
        let output = Output { text in if text.contains("event: reset") || text.contains("retry") { feed.end() } }
        let events = try await Self.run(feed, lastEventID: id, to: output)
        #expect(events.contains { $0.name == "reset" } == isReset, "\(events)")
        #expect(events.allSatisfy { $0.id?.hasSuffix("-0000002a") == true } && events.last?.id == "12-0000002a", "\(events)")
        if id == "9-0000002a" { #expect(events.map(\.id) == ["12.500-0000002a", "12-0000002a", "12-0000002a"], "\(events)") }
    }

    @Test func aStoreThatNeverWasABackupHasPlainIdsAndTakesNoOthers() async throws {
        let feed = CommitFeed()
        feed.begin(behind: 7)
        feed.append(Self.commit(9, 2))
        feed.end()
        let events = try await Self.run(feed, lastEventID: "7-0000002a", to: Output())
        #expect(events.map(\.name) == ["reset", "shutdown"] && events.map(\.id) == ["9", "9"], "\(events)")
    }

    @Test func aFilteredReaderGetsItsRowsAndItsPlaceMovesOn() async throws {
        let feed = CommitFeed()
        let output = Output { text in
            if text.hasSuffix("id: 0\n\n") {
                feed.append(Self.commit(3, 1))
                feed.append(Self.commit(4, 2_001))
                feed.end()
            }
        }
        let events = try await Self.run(feed, query: "symbol=eth", to: output)
        #expect(events.map(\.rows) == [500, 500, 0] && events.map(\.id) == ["4.1001", "4", "4"], "\(events)")
        #expect(!output.written.contains("\"r\":0}") && output.written.contains("\"r\":1}"))
    }

    @Test func aReaderThatIsOvertakenIsToldSoAndCutOff() async throws {
        let feed = CommitFeed(rowsKept: 10, bytesKept: 0)
        let output = Output { text in
            if text.hasSuffix("id: 0\n\n") { for number in 1...20 { feed.append(Self.commit(UInt64(number), 5)) } }
        }
        let events = try await Self.run(feed, to: output)
        #expect(events == [Event(name: "lagged")], "\(events)")
    }

    @Test func theFeedKeepsSoManyRowsAndNoMore() {
        let feed = CommitFeed(rowsKept: 10, bytesKept: 0)
        for number in 1...1_000 { feed.append(Self.commit(UInt64(number), 5)) }
        if case .rows(let oldest) = feed.next(behind: StreamPosition(sequence: 998)) {
            #expect(oldest.sequence == 999)
        } else {
            Issue.record("998 is lost")
        }
        guard case .lost = feed.next(behind: StreamPosition(sequence: 997)) else {
            Issue.record("commits are kept for ever")
            return
        }
    }

    @Test func readersAreCountedAndForgotten() {
        let feed = CommitFeed(mostReaders: 2)
        do {
            let readers = [feed.makeReader(), feed.makeReader()]
            #expect(readers.count { $0 != nil } == 2 && feed.makeReader() == nil)
        }
        #expect(feed.readerCount == 0)
    }
}
