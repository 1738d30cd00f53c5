import HTTPTypes
import Hummingbird
import MarketData
import TickerStore

/// `GET /raw/{source}/{source_id}`: the source's own records of one coin, newest row first.
struct RawRoute: Sendable {
    let context: APIContext

    var endpoint: Endpoint {
        Endpoint(
            .get,
            "/raw/{source}/{source_id}",
            parameters: ["symbol", "from", "start", "to", "end", "limit", "cursor"],
            summary: "the source's own records of a coin, newest first",
            handle: answer
        )
    }

    private func answer(_ request: APIRequest) async throws -> Response {
        let (source, sourceID) = (try request.pathParameter("source"), try request.pathParameter("source_id"))
        var list = try ListRequest(.raw, request.query)
        if !list.startsList {
            if list.filters.rows.sources != [Array(source.utf8)] { throw Problem.contradictsCursor("source") }
            if list.filters.rows.sourceIDs != [Array(sourceID.utf8)] { throw Problem.contradictsCursor("source_id") }
        }
        list.pin(source: Array(source.utf8), sourceID: Array(sourceID.utf8))
        var query = list.storeQuery
        query.after = try list.place { fields in
            guard let time = fields.integer(), let series = fields.series() else { return nil }
            return RowPosition(timestamp: Timestamp(milliseconds: time), series: series)
        }
        let page = try await request.read { [query, rows = context.rows] in
            let snapshot = rows.snapshot()
            let page = try snapshot.rawRecords(query)
            if page.records.isEmpty, page.next == nil { try Self.checkSeries(query, snapshot) }
            return page
        }
        let next = page.next.map { row in
            list.cursor { fields in
                fields.integer(row.timestamp.milliseconds)
                fields.series(row.series)
            }
        }
        let path = "/raw/\(PercentEncoding.encode(source))/\(PercentEncoding.encode(sourceID))"
        return request.page(of: list, at: path, next: next, context) { writer in
            writer.array("data", page.records) { $1.raw.append(to: &$0, row: $1.row) }
        }
    }

    /// Tells a coin whose raw records are gone from one that there never was.
    private static func checkSeries(_ query: RowQuery, _ snapshot: Snapshot) throws {
        var all = query
        (all.symbols, all.from, all.to, all.after, all.limit) = ([], nil, nil, nil, 1)
        if try !snapshot.newestPositions(all).isEmpty { return }
        func text(_ values: [[UInt8]]) -> String { String(decoding: values.joined(), as: UTF8.self) }
        throw Problem(
            .notFound,
            code: "series_not_found",
            detail: "There are no rows of `\(text(query.sourceIDs))` from `\(text(query.sources))`. "
                + "`GET /symbols` lists sources and source ids; a `/` in one of them is written as `%2F`."
        )
    }
}

extension RawRecord {
    /// The members of a raw record's line in the data directory (`FORMAT.md`), in their order.
    fileprivate func append(to writer: inout JSONWriter, row: RowPosition) {
        writer.beginObject()
        writer.member("symbol", text: row.series.symbol)
        writer.member("timestamp", row.timestamp.description)
        writer.member("source", text: row.series.source)
        writer.member("source_id", text: row.series.sourceID)
        writer.member("fetched_at", fetchedAt.description)
        writer.member("run_id", runID)
        writer.member("batch", batch)
        // Sources send JSON, which is copied byte for byte; whatever else got here does no harm to the document.
        if (try? JSONDocument(parsing: record)) != nil { writer.rawMember("record", record) } else { writer.member("record_text", text: record) }
        writer.endObject()
    }
}
