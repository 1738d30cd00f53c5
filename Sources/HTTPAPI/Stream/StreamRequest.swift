import MarketData
import TickerStore

/// A request to `/stream`, read and checked.
struct StreamRequest: Sendable {
    static let parameters = ["symbol", "source", "source_id", "last_event_id"]

    private let symbols: [[UInt8]]
    private let sources: [[UInt8]]
    private let sourceIDs: [[UInt8]]
    /// Where to go on; nil: with what is committed from now on.
    let lastEventID: String?

    /// - Parameter header: `Last-Event-ID`, which a browser sends by itself when it connects again.
    init(_ query: QueryParameters, header: String?) throws(Problem) {
        let filters = try GivenFilters(query).filters
        (symbols, sources, sourceIDs) = (filters.symbols, filters.sources, filters.sourceIDs)
        // The address is then what it was, so the header is the newer one.
        let parameter = try query.single("last_event_id")
        if let parameter, StreamPosition(parameter) == nil {
            throw .invalidParameter("last_event_id", "`last_event_id` must be the `id` of an event of this stream, not `\(parameter)`.")
        }
        lastEventID = header.flatMap { $0.isEmpty ? nil : $0 } ?? parameter
    }

    /// Of each series of a commit, whether its rows are wanted; nil: all are.
    func wanted(_ series: [SeriesKey]) -> [Bool]? {
        if symbols.isEmpty, sources.isEmpty, sourceIDs.isEmpty { return nil }
        return series.map { key in
            (symbols.isEmpty || symbols.contains(key.symbol)) && (sources.isEmpty || sources.contains(key.source))
                && (sourceIDs.isEmpty || sourceIDs.contains(key.sourceID))
        }
    }
}
