// The properties of decoded answers have the names on the wire.
// swift-format-ignore-file: AlwaysUseLowerCamelCase

import HTTPTypes
import HummingbirdTesting
import MarketData
import NIOCore
import TestSupport
import Testing

@testable import HTTPAPI
@testable import TickerStore

@Suite struct OHLCRouteTests {
    private struct Bucket: Decodable, Equatable {
        var start: String
        var samples: Int
        var complete: Bool
    }

    private let start = StoredRows.start
    private var server = TestServer()

    /// `prices` a minute from the start on, in pairs of minute and price.
    private func rows(_ prices: [(Int64, String)]) -> StoredRows {
        StoredRows(prices.map { .init(milliseconds: start + $0.0 * 60_000, price: $0.1) })
    }

    @Test func theAnswerHasTheDocumentedShape() async throws {
        var server = server
        server.rows = rows([(0, "2.50"), (10, "0.00000001"), (20, "3.000"), (59, "1"), (130, "7"), (60 * 11 + 59, "8.0")])
        let response = try await server.ask("/ohlc?symbol=btc&interval=1h")
        #expect(
            response.members
                == #""run_id":"etl_20241215_143022_3","symbol":"BTC","source":"csv","source_id":"BTC","interval":"1h","data":["#
                + #"{"start":"2024-12-15T11:00:00Z","open":8.0,"high":8.0,"low":8.0,"close":8.0,"samples":1,"complete":false},"#
                + #"{"start":"2024-12-15T02:00:00Z","open":7,"high":7,"low":7,"close":7,"samples":1,"complete":true},"#
                + #"{"start":"2024-12-15T00:00:00Z","open":2.50,"high":3.000,"low":0.00000001,"close":1,"samples":4,"complete":true}],"#
                + #""pagination":{"limit":50,"has_more":false,"next_cursor":null}"#
        )
    }

    @Test func aBucketIsCompleteWhenItsTimeIsOverAndThePricesHaveGoneOn() async throws {
        var server = server
        server.rows = rows([(0, "1"), (60, "2"), (60 * 13, "3")])
        // It is noon: the price of one o'clock is one from the future.
        let buckets = try await server.page("/ohlc?symbol=BTC&interval=6h&sort_dir=asc", of: Bucket.self).data
        #expect(buckets.map(\.complete) == [true, false])
        server.now = Timestamp(milliseconds: start + 18 * 3_600_000)
        #expect(try await server.page("/ohlc?symbol=BTC&interval=6h&sort_dir=asc", of: Bucket.self).data.map(\.complete) == [true, false])
        server.rows.insert([.init(milliseconds: start + 18 * 3_600_000, price: "4")])
        #expect(try await server.page("/ohlc?symbol=BTC&interval=6h&sort_dir=asc", of: Bucket.self).data.map(\.complete) == [true, true, false])
    }

    @Test func boundsShowWholeBucketsOnly() async throws {
        var server = server
        server.rows = rows((0..<300).map { ($0, "\($0 + 1)") })
        let buckets = try await server.page("/ohlc?symbol=BTC&interval=1h&from=2024-12-15T00:30:00Z&end=2024-12-15T03:00:01Z", of: Bucket.self).data
        #expect(buckets.map(\.start) == (0...3).reversed().map { "2024-12-15T0\($0):00:00Z" })
        #expect(buckets.map(\.samples) == [60, 60, 60, 60])
    }

    @Test(arguments: ["asc", "desc"])
    func theBucketInWhichBothBoundsLieIsShown(direction: String) async throws {
        var server = server
        server.rows = rows((0..<300).map { ($0, "\($0 + 1)") })
        func starts(_ bounds: String) async throws -> [String] {
            try await server.page("/ohlc?symbol=BTC&interval=1h&sort_dir=\(direction)&\(bounds)", of: Bucket.self).data.map(\.start)
        }
        let inside = try await starts("from=2024-12-15T02:20:00Z&to=2024-12-15T02:40:00Z")
        #expect(inside == ["2024-12-15T02:00:00Z"])
        let exact = try await starts("from=2024-12-15T02:00:00Z&to=2024-12-15T03:00:00Z")
        #expect(exact == ["2024-12-15T02:00:00Z"], "`to` is no moment of it")
    }

    @Test func aSymbolOfSeveralSeriesWantsAChoice() async throws {
        var server = server
        server.rows = StoredRows([
            .init(source: "a", sourceID: "x", milliseconds: start), .init(source: "a", sourceID: "y", milliseconds: start),
            .init(source: "b", milliseconds: start),
        ])
        let any = try await server.ask("/ohlc?symbol=BTC&interval=1d").problem()
        #expect(any.status == 400 && any.code == "ambiguous_series" && any.parameter == "source")
        #expect(any.detail == "`BTC` is more than one series. Choose one: source=a&source_id=x, source=a&source_id=y, source=b&source_id=BTC.")
        #expect(try await server.ask("/ohlc?symbol=BTC&source=a&interval=1d").problem().parameter == "source_id")
        #expect(try await server.ask("/ohlc?symbol=BTC&source=b&interval=1d").status == .ok)
        #expect(try await server.ask("/ohlc?symbol=BTC&source_id=y&interval=1d").status == .ok)
        let wrong = try await server.ask("/ohlc?symbol=BTC&source=nope&interval=1d").problem()
        #expect(wrong.status == 404 && wrong.code == "series_not_found" && wrong.parameter == "source")
        #expect(try await server.ask("/ohlc?symbol=NOPE&interval=1d").problem().code == "symbol_not_found")
    }

    @Test func aWalkStaysWithItsSeriesWhateverComes() async throws {
        var server = server
        server.rows = rows((0..<10).map { ($0, "\($0 + 1)") })
        let pages = try await server.walk("/ohlc?symbol=BTC&interval=1m", limit: 3, of: Bucket.self) {
            server.rows.insert([.init(source: "other", milliseconds: start), .init(milliseconds: start + 3_600_000, price: "77")])
        }
        #expect(pages.map(\.count) == [3, 3, 3, 1])
        #expect(pages.flatMap(\.self).map(\.start) == (0..<10).reversed().map { "2024-12-15T00:0\($0):00Z" })
        let cursor = try #require(try await server.page("/ohlc?symbol=BTC&source=csv&interval=1m&limit=1", of: Bucket.self).pagination.next_cursor)
        for parameter in ["source=other", "interval=1h", "symbol=ETH", "sort_dir=asc", "from=2024-01-01"] {
            #expect(try await server.ask("/ohlc?cursor=\(cursor)&\(parameter)").problem().code == "contradicts_cursor", "\(parameter)")
        }
        #expect(try await server.ask("/ohlc?cursor=\(cursor)&source=csv&source_id=BTC&symbol=BTC&interval=1m").status == .ok)
    }

    @Test(arguments: [
        ("symbol=BTC", "interval"), ("interval=1h", "symbol"), ("symbol=BTC&interval=60m", "interval"), ("symbol=BTC&interval=5h", "interval"),
        ("symbol=BTC&interval=0m", "interval"), ("symbol=BTC&interval=1H", "interval"), ("symbol=BTC,ETH&interval=1h", "symbol"),
        ("symbol=BTC&source=a,b&interval=1h", "source"), ("symbol=BTC&interval=1h&intervall=2", "intervall"),
        ("symbol=BTC&interval=1h&from=2024-02-01&to=2024-01-01", "from"), ("symbol=BTC&interval=1h&from=soon", "from"),
    ])
    func aBadParameterIsNamed(query: String, parameter: String) async throws {
        let problem = try await server.ask("/ohlc?\(query)").problem()
        #expect(problem.status == 400 && problem.parameter == parameter, "\(problem.detail)")
    }

    @Test func bucketsBeginAtTheSameTimesOfEveryDayAndWeeksOnMonday() {
        func start(_ interval: PriceInterval, _ text: String) -> String {
            interval.start(of: try! Timestamp.parse(Array(text.utf8).span)).description
        }
        #expect(start(.week1, "2024-12-15T23:59:59.999Z") == "2024-12-09T00:00:00Z")
        #expect(start(.week1, "2024-12-16T00:00:00Z") == "2024-12-16T00:00:00Z")
        #expect(start(.hours8, "2024-12-15T15:59:59Z") == "2024-12-15T08:00:00Z")
        #expect(start(.minutes12, "2024-12-15T15:59:59Z") == "2024-12-15T15:48:00Z")
        #expect(PriceInterval.day1.start(of: Timestamp(milliseconds: -1)).description == "1969-12-31T00:00:00Z")
        for interval in PriceInterval.allCases where interval != .week1 { #expect(86_400_000 % interval.milliseconds == 0) }
        #expect(PriceInterval.day1.firstStart(from: Timestamp(milliseconds: 0)).milliseconds == 0)
        #expect(PriceInterval.day1.firstStart(from: Timestamp(milliseconds: 1)).milliseconds == 86_400_000)
    }

    // MARK: Against a plain model

    /// Literals that machine numbers would mix up.
    private static let literals = [
        "1", "1.0", "1.00", "0.99999999999999999999999", "1.00000000000000000000001", "123456789012345678901234567890.5", "0.5", "0.50",
        "123456789012345678901234567890.51", "0.00000000000000000000000000000000000000000000001", "10", "9.9", "100000000000000000000",
    ]

    @Test func bucketsAgreeWithAPlainSearchThroughAllRows() async throws {
        var random = SplitMix64(seed: 11)
        for round in 0..<3 {
            let rows = StoredRows()
            var prices: [Int64: String] = [:]
            for _ in 0..<8 {
                var batch: [Int64: String] = [:]
                for _ in 0..<60 {
                    // Few enough different times that many rows are superseded.
                    batch[start + Int64(random.below(900)) * [1, 60_000, 3_600_000][round % 3]] = random.pick(Self.literals)
                }
                // A row that says the same is not stored again.
                prices.merge(batch) { DecimalLiteral.compare(Array($0.utf8).span, Array($1.utf8).span) == 0 ? $0 : $1 }
                rows.insert(batch.sorted { $0.key < $1.key }.map { .init(milliseconds: $0, price: $1) })
                rows.insert(batch.keys.sorted().map { .init(symbol: random.pick(["ABC", "XYZ"]), milliseconds: $0, price: "5") })
                if random.below(3) == 0 { try rows.store.seal() }
                if random.below(4) == 0 { _ = try rows.store.compact() }
            }
            var server = server
            server.rows = rows
            for interval in [PriceInterval.minute1, .minutes15, .hours4, .day1, .week1] {
                let isAscending = random.bool()
                let expected = Self.model(prices, interval, isAscending: isAscending)
                let found = try await Self.all(
                    server,
                    "/ohlc?symbol=BTC&interval=\(interval.rawValue)&sort_dir=\(isAscending ? "asc" : "desc")",
                    random.pick([7, 50, 1000])
                )
                // The first difference only: comparing long lists in words takes minutes.
                let difference = zip(found + [""], expected + [""]).first { $0 != $1 }
                #expect(difference == nil && found.count == expected.count, "round \(round), \(interval.rawValue), ascending: \(isAscending)")
            }
        }
    }

    /// Buckets as text, without `complete`.
    private static func model(_ prices: [Int64: String], _ interval: PriceInterval, isAscending: Bool) -> [String] {
        let groups = Dictionary(grouping: prices.sorted { $0.key < $1.key }) { interval.start(of: Timestamp(milliseconds: $0.key)) }
        let buckets = groups.sorted { $0.key < $1.key }.map { start, rows in
            // Of equal ones the first in the order of the walk.
            let walk = (isAscending ? rows : rows.reversed()).map(\.value)
            let high = walk.reduce(walk[0]) { DecimalLiteral.compare(Array($1.utf8).span, Array($0.utf8).span) > 0 ? $1 : $0 }
            let low = walk.reduce(walk[0]) { DecimalLiteral.compare(Array($1.utf8).span, Array($0.utf8).span) < 0 ? $1 : $0 }
            return "\(start) \(rows[0].value) \(high) \(low) \(rows[rows.count - 1].value) \(rows.count)"
        }
        return isAscending ? buckets : buckets.reversed()
    }

    private static func all(_ server: TestServer, _ uri: String, _ limit: Int) async throws -> [String] {
        var buckets: [String] = []
        var uri = "\(uri)&limit=\(limit)"
        while true {
            let response = try await server.ask(uri)
            let root = try JSONDocument(parsing: Array(response.body.readableBytesView)).root
            func text(_ value: JSONValue?) -> String {
                value?.withRaw { String(decoding: $0.withUnsafeBufferPointer { Array($0) }, as: UTF8.self) } ?? ""
            }
            let page = try #require(root.member("data"), "\(response.text)").elements.map { bucket in
                "\(bucket.member("start")?.string ?? "") "
                    + ["open", "high", "low", "close", "samples"].map { text(bucket.member($0)) }.joined(separator: " ")
            }
            #expect(page.count <= limit)
            buckets += page
            guard let next = response.header("X-Next-Cursor") else { return buckets }
            uri = "/ohlc?limit=\(limit)&cursor=\(next)"
        }
    }
}
