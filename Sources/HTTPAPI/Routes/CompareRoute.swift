import HTTPTypes
import Hummingbird
import MarketData
import TickerStore

/// `GET /compare`: what the sources say about one symbol now.
enum CompareRoute {
    static func endpoint(_ context: APIContext) -> Endpoint {
        Endpoint(.get, "/compare", parameters: ["symbol"], summary: "newest price per source, spread and median; ?symbol=BTC") { request in
            let filters = try GivenFilters(request.query).filters
            guard let symbol = filters.symbols.first else {
                throw Problem.invalidParameter("symbol", "`symbol` is missing. Give one, as in `/compare?symbol=BTC`.")
            }
            if filters.symbols.count > 1 {
                throw Problem.invalidParameter("symbol", "`symbol` takes one value here, not \(filters.symbols.count).")
            }
            var query = RowQuery()
            query.symbols = [symbol]
            query.limit = mostSeries
            let rows = try await request.read { [query, rows = context.rows] in try rows.snapshot().latest(query) }
            if rows.rowCount == 0 { throw Problem.unknownSymbol(symbol) }
            let comparison = PriceComparison(Quote.all(rows), at: context.now())
            return request.jsonObject { writer in
                writer.member("run_id", context.runs.latestRunID)
                writer.member("symbol", text: symbol)
                comparison.appendMembers(to: &writer)
            }
        }
    }

    /// More coins than any source lists under one symbol.
    private static let mostSeries = 10_000
}

extension Problem {
    /// 404 about a symbol without rows.
    static func unknownSymbol(_ symbol: [UInt8]) -> Problem {
        Problem(
            .notFound,
            code: "symbol_not_found",
            detail: "There are no rows of `\(String(decoding: symbol, as: UTF8.self))`. `GET /symbols` lists the symbols that have some.",
            parameter: "symbol"
        )
    }
}
