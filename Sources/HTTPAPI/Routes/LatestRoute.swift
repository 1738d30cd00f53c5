import Hummingbird
import MarketData
import TickerStore

/// `GET /latest`: the newest row of each series, in the order of symbol, source and source id.
enum LatestRoute {
    static func endpoint(_ context: APIContext) -> Endpoint {
        Endpoint(
            .get,
            "/latest",
            parameters: ["symbol", "source", "source_id", "limit", "cursor"],
            summary: "newest row per symbol, source and source id"
        ) { request in
            let list = try ListRequest(.latest, request.query)
            let after = try list.place { $0.series() }
            let rows = try await request.read { [rows = context.rows] in try rows.snapshot().latest(list.storeQuery, after: after) }
            let next = rows.hasMore ? rows.last.map { last in list.cursor { $0.series(last.series) } } : nil
            return request.page(of: list, at: "/latest", next: next, context) { $0.rows("data", rows) }
        }
    }
}
