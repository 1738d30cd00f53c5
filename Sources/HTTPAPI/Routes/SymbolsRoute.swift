import Hummingbird
import MarketData
import TickerStore

/// `GET /symbols`: what there is under each symbol, and whether it means more than one coin.
enum SymbolsRoute {
    static func endpoint(_ context: APIContext) -> Endpoint {
        Endpoint(
            .get,
            "/symbols",
            parameters: ["symbol", "source", "limit", "cursor"],
            summary: "symbols with their names, sources, source ids and times"
        ) { request in
            let list = try ListRequest(.symbols, request.query)
            let after = try list.place { $0.text() }
            let page = try await request.read { [rows = context.rows] in try rows.snapshot().symbols(list.storeQuery, after: after) }
            let symbols = SymbolSummary.all(page)
            let next = page.hasMore ? symbols.last.map { last in list.cursor { $0.text(last.symbol) } } : nil
            return request.page(of: list, at: "/symbols", next: next, context) { writer in
                writer.array("data", symbols) { $1.append(to: &$0) }
            }
        }
    }
}

/// All series of one symbol together.
struct SymbolSummary {
    let symbol: [UInt8]
    /// JSON strings of the newest rows, each once, in the order of the series.
    private var names: [[UInt8]] = []
    private var sources: [(name: [UInt8], ids: [[UInt8]])] = []
    private var first = Timestamp(milliseconds: .max)
    private var last = Timestamp(milliseconds: .min)
    private var rows = 0

    private init(symbol: [UInt8]) { self.symbol = symbol }

    /// The symbols of a page, in order.
    static func all(_ page: SymbolPage) -> [SymbolSummary] {
        var symbols: [SymbolSummary] = []
        var start = 0
        for (series, end) in zip(page.series, page.newest.ends) {
            if symbols.last?.symbol != series.key.symbol { symbols.append(SymbolSummary(symbol: series.key.symbol)) }
            let line = page.newest.bytes.span.extracting(start..<end)
            let name = TickerLineLayout(line).map { layout in line.extracting(layout.name).withUnsafeBufferPointer { Array($0) } }
            symbols[symbols.count - 1].add(series, name: name)
            start = end
        }
        return symbols
    }

    private mutating func add(_ series: SeriesSummary, name: [UInt8]?) {
        if let name, !names.contains(name) { names.append(name) }
        if sources.last?.name != series.key.source { sources.append((series.key.source, [])) }
        sources[sources.count - 1].ids.append(series.key.sourceID)
        first = min(first, series.first)
        last = max(last, series.last)
        rows += series.rows
    }

    func append(to writer: inout JSONWriter) {
        writer.beginObject()
        writer.member("symbol", text: symbol)
        writer.array("names", names) { $0.raw($1) }
        writer.array("sources", sources) { $0.string($1.name) }
        writer.key("source_ids")
        writer.beginObject()
        for source in sources { writer.array(String(decoding: source.name, as: UTF8.self), source.ids) { $0.string($1) } }
        writer.endObject()
        writer.member("first_seen", first.description)
        writer.member("last_seen", last.description)
        writer.member("rows", rows)
        writer.member("ambiguous", sources.contains { $0.ids.count > 1 })
        writer.endObject()
    }
}
