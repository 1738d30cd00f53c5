import HTTPTypes
import Hummingbird
import MarketData
import TickerStore

/// `GET /ohlc`: open, high, low and close of one series' prices in buckets of equal length.
struct OHLCRoute: Sendable {
    let context: APIContext

    var endpoint: Endpoint {
        Endpoint(
            .get,
            "/ohlc",
            parameters: ["symbol", "source", "source_id", "interval", "from", "start", "to", "end", "sort_dir", "limit", "cursor"],
            summary: "open, high, low, close; ?symbol=BTC&source=csv&interval=1h",
            handle: answer
        )
    }

    private func answer(_ request: APIRequest) async throws -> Response {
        _ = try request.query.choice("interval", of: PriceInterval.words)
        var list = try ListRequest(.prices, request.query, words: ["interval"])
        guard let symbol = try list.oneSymbol() else {
            throw Problem.invalidParameter("symbol", "`symbol` is missing. Give one, as in `/ohlc?symbol=BTC&interval=1h`.")
        }
        guard let interval = list.filters.words["interval"].flatMap(PriceInterval.init) else {
            throw Problem.invalidParameter("interval", "`interval` is missing. Give one of \(PriceInterval.words.joined(separator: ", ")).")
        }
        _ = try list.oneSource()
        let after = try list.place { $0.time() }
        let snapshot = context.rows.snapshot()
        let newest = try await newest(list, symbol, snapshot)
        list.pin(source: newest.series.source, sourceID: newest.series.sourceID)
        let history = PriceHistory(
            series: newest.series,
            interval: interval,
            from: list.filters.rows.from,
            to: list.filters.rows.to,
            isAscending: list.filters.rows.direction == .ascending,
            after: after,
            limit: list.limit
        )
        let page = try await request.read { try history.page(snapshot) }
        let next = page.hasMore ? page.buckets.last.map { last in list.cursor { $0.integer(last.start.milliseconds) } } : nil
        // A price that lies behind a bucket, in a time that has come, says that the source has gone on.
        let known = min(newest.timestamp, context.now())
        return request.page(of: list, at: "/ohlc", next: next, context) { writer in
            writer.member("symbol", text: newest.series.symbol)
            writer.member("source", text: newest.series.source)
            writer.member("source_id", text: newest.series.sourceID)
            writer.member("interval", interval.rawValue)
            writer.array("data", page.buckets) { writer, bucket in
                bucket.append(to: &writer, isComplete: known >= interval.end(from: bucket.start))
            }
        }
    }

    /// The newest row of the one series that is meant.
    private func newest(_ list: ListRequest, _ symbol: [UInt8], _ snapshot: Snapshot) async throws -> RowPosition {
        var query = list.storeQuery
        (query.from, query.to, query.limit) = (nil, nil, SeriesChoice.mostNamed + 1)
        let found = try await ReadingPool.run { [query] in try snapshot.newestPositions(query) }
        guard let first = found.first else { throw SeriesChoice.nothing(query, symbol) }
        if found.count > 1 { throw SeriesChoice.problem(found.map(\.series)) }
        return first
    }
}

/// What to say when a symbol means several series, or none.
private enum SeriesChoice {
    static let mostNamed = 20

    static func problem(_ series: [SeriesKey]) -> Problem {
        func text(_ bytes: [UInt8]) -> String { String(decoding: bytes, as: UTF8.self) }
        let parameter = Set(series.map(\.source)).count > 1 ? "source" : "source_id"
        let choices = series.prefix(mostNamed).map {
            "source=\(PercentEncoding.encode(CommaList.element(text($0.source))))&source_id=\(PercentEncoding.encode(text($0.sourceID)))"
        }.joined(separator: ", ")
        return Problem(
            .badRequest,
            code: "ambiguous_series",
            detail: "`\(text(series[0].symbol))` is more than one series. Choose one: \(choices)\(series.count > mostNamed ? " and others." : ".")",
            parameter: parameter
        )
    }

    static func nothing(_ query: RowQuery, _ symbol: [UInt8]) -> Problem {
        if query.sources.isEmpty && query.sourceIDs.isEmpty { return .unknownSymbol(symbol) }
        let name = String(decoding: symbol, as: UTF8.self)
        return Problem(
            .notFound,
            code: "series_not_found",
            detail: "There are no rows of `\(name)` with this source and source id. `GET /symbols?symbol=\(name)` shows which there are.",
            parameter: query.sourceIDs.isEmpty ? "source" : "source_id"
        )
    }
}

extension PriceBucket {
    fileprivate func append(to writer: inout JSONWriter, isComplete: Bool) {
        writer.beginObject()
        writer.member("start", start.description)
        writer.rawMember("open", open)
        writer.rawMember("high", high)
        writer.rawMember("low", low)
        writer.rawMember("close", close)
        writer.member("samples", samples)
        writer.member("complete", isComplete)
        writer.endObject()
    }
}
