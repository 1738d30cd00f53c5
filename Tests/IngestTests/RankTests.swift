import MarketData
import Testing

@testable import Ingest
@testable import TickerStore

/// Of two records of one page with one identity the better one becomes the row (spec section 5).
@Suite struct RankTests {
    private static let source = HTTPSource(
        upstream: Upstream(url: "https://example.test", userAgent: "test"),
        fields: [.symbol: "/symbol", .sourceID: "/id", .price: "/current_price", .timestamp: "/last_updated"]
    )

    private static func coin(_ price: String, _ rank: String) -> String {
        let time = "2025-11-03T08:41:52.123Z"
        return #"{"id":"a","symbol":"a","current_price":\#(price),"market_cap_rank":\#(rank),"last_updated":"\#(time)"}"#
    }

    /// The price that was stored, and how many records wait.
    private static func price(_ coins: String...) throws -> String {
        let bench = try Workbench()
        let other = #"{"id":"b","symbol":"b","current_price":7,"market_cap_rank":3,"last_updated":"2025-11-03T08:41:52Z"}"#
        let (outcome, run) = try HTTPPageTests.load("[\((coins + [other]).joined(separator: ","))]", bench, source: Self.source)
        #expect(outcome == .loaded && run.inserted == 2 && run.updated == 0, "\(run)")
        let line = try #require(bench.lines().first { $0.contains(#""symbol":"A""#) })
        let price = line.split(separator: #""price_usd":"#)[1].prefix { $0 != "," }
        return "\(price), \(bench.quarantineReasons["identity_collision"] ?? 0) wait"
    }

    @Test func theBetterRankWinsWhereverItStands() throws {
        #expect(try Self.price(Self.coin("1", "9"), Self.coin("2", "1")) == "2, 1 wait")
        #expect(try Self.price(Self.coin("1", "1"), Self.coin("2", "9")) == "1, 1 wait")
        #expect(try Self.price(Self.coin("1", "null"), Self.coin("2", "5"), Self.coin("3", "4"), Self.coin("4", "0")) == "3, 3 wait")
    }

    @Test func theFirstWinsAmongEqualsAndWithoutRanks() throws {
        #expect(try Self.price(Self.coin("1", "4"), Self.coin("2", "4")) == "1, 1 wait")
        #expect(try Self.price(Self.coin("1", "null"), Self.coin("2", "null")) == "1, 1 wait")
    }

    @Test func theSameNumberWrittenOtherwiseIsNoCollision() throws {
        #expect(try Self.price(Self.coin("1.0", "4"), Self.coin("1", "4")) == "1.0, 0 wait")
    }

    @Test func theNearestNameOfARankIsTaken() {
        #expect(RankField(among: ["/id", "/info/rank", "/market_cap_rank"])?.pointer.tokens == [Array("market_cap_rank".utf8)])
        #expect(RankField(among: ["/cmcRank", "/rank"])?.pointer.tokens == [Array("rank".utf8)])
        #expect(RankField(among: ["/ranking", "/franks"]) == nil)
    }
}
