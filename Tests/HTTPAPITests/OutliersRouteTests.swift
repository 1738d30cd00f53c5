import HTTPTypes
import HummingbirdTesting
import MarketData
import Testing

@testable import HTTPAPI
@testable import TickerStore

@Suite struct OutliersRouteTests {
    private struct Outlier: Decodable, Hashable {
        var symbol: String
        var timestamp: String
        var field: String
        var type: String
    }

    private let start = StoredRows.start
    private var server = TestServer()

    private func record(_ symbol: String, _ second: Int64, _ field: String = "price_usd", _ type: String = "z_score") -> LineRecord {
        let time = Timestamp(milliseconds: start + second * 1_000)
        let line =
            #"{"symbol":"\#(symbol)","source":"csv","source_id":"\#(symbol)","timestamp":"\#(time)","field":"\#(field)","value":1.50,"type":"\#(type)"}"#
        return LineRecord(
            family: .outliers,
            series: SeriesKey(symbol: symbol, source: "csv", sourceID: symbol),
            position: time.milliseconds,
            line: Array(line.utf8)
        )
    }

    /// Several of each row, and rows of one instant beside each other.
    private func records(_ part: Int, suffix: String = "") -> [LineRecord] {
        var records: [LineRecord] = []
        for coin in 0..<6 {
            for field in ["price_usd", "market_cap"] {
                for type in ["z_score", "percentage_jump"] where coin % 2 == 0 || type == "z_score" {
                    records.append(record("C\(coin)\(part)\(suffix)", coin < 4 ? 7 : Int64(part), field, type))
                }
            }
        }
        return records
    }

    /// Sealed and not sealed; some share all their bytes.
    private func rows() throws -> StoredRows {
        let rows = StoredRows()
        for part in 0..<4 {
            rows.insert([]) { $0.records = part < 3 ? records(part) : records(1, suffix: "x") + records(2).prefix(3) }
            if part < 3 { try rows.store.seal() }
        }
        return rows
    }

    @Test func theAnswerHasTheDocumentedShape() async throws {
        var server = server
        server.rows = StoredRows()
        server.rows.insert([]) { $0.records = [record("BTC", 0)] }
        #expect(
            try await server.ask("/outliers").members
                == #""run_id":"etl_20241215_143022_3","data":[{"symbol":"BTC","source":"csv","source_id":"BTC","timestamp":"2024-12-15T00:00:00Z","#
                + #""field":"price_usd","value":1.50,"type":"z_score"}],"pagination":{"limit":50,"has_more":false,"next_cursor":null}"#
        )
        server.rows = StoredRows()
        #expect(try await server.page("/outliers", of: Outlier.self).data.isEmpty)
    }

    @Test(arguments: [1, 2, 3, 5, 7, 1000])
    func aWalkShowsEachOnceThoughManyShareATimestamp(limit: Int) async throws {
        var server = server
        server.rows = try rows()
        let whole = try await server.page("/outliers?limit=1000", of: Outlier.self).data
        let stored = try server.rows.snapshot().records(.outliers, limit: 1_000)
        #expect(whole.count == 75 && stored.count == 75)
        #expect(whole.map(\.timestamp) == whole.map(\.timestamp).sorted(by: >))
        var isSealed = false
        let pages = try await server.walk("/outliers", limit: limit, of: Outlier.self) {
            server.rows.insert([]) { $0.records = [record("NEW", 99)] }
            if !isSealed { try? server.rows.store.seal() }
            isSealed = true
        }
        #expect(pages.flatMap(\.self) == whole)
        #expect(pages.dropLast().allSatisfy { $0.count == limit })
    }

    @Test(arguments: [
        ("symbol=c00", 4), ("symbol=C00,C21&field=market_cap", 4), ("type=percentage_jump", 12), ("field=price_usd&type=percentage_jump", 6),
        ("source=nope", 0), ("to=2024-12-15T00:00:01Z", 6), ("from=2024-12-15T00:00:07Z&symbol=C10", 2),
    ])
    func filtersChoose(query: String, count: Int) async throws {
        var server = server
        let rows = StoredRows()
        rows.insert([]) { $0.records = records(0) }
        try rows.store.seal()
        rows.insert([]) { $0.records = records(1) }
        server.rows = rows
        #expect(try await server.page("/outliers?\(query)", of: Outlier.self).data.count == count)
        let pages = try await server.walk("/outliers?\(query)", limit: 1, of: Outlier.self)
        #expect(pages.flatMap(\.self).count == count)
    }

    @Test(arguments: [("field=price_us", "price_usd"), ("type=zscore", "z_score"), ("feild=price_usd", "field")])
    func aWordThatIsNotKnownIsSuggestedOne(query: String, suggestion: String) async throws {
        let problem = try await server.ask("/outliers?\(query)").problem()
        #expect(problem.status == 400 && problem.detail.contains("id you mean `\(suggestion)`?"), "\(problem.detail)")
    }
}
