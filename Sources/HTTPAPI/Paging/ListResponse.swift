import HTTPTypes
import Hummingbird
import MarketData
import TickerStore

extension APIRequest {
    /// A page of a list: `request_id`, `run_id`, the members that `body` writes, `pagination`, `api_latency_ms`; the way on is in the header fields
    /// as well.
    ///
    /// - Parameters:
    ///   - list: What was asked for.
    ///   - path: The list's own, for its links.
    ///   - next: The cursor of the next page; nil on the last one.
    func page(
        of list: ListRequest,
        at path: String,
        next: String?,
        _ context: APIContext,
        _ body: (inout JSONWriter) -> Void
    ) -> Response {
        var headers: HTTPFields = [:]
        PageLinks(path: path, parameters: [("limit", "\(list.limit)")], next: next, previous: nil).add(to: &headers)
        return jsonObject(headers: headers) { writer in
            writer.member("run_id", context.runs.latestRunID)
            body(&writer)
            writer.key("pagination")
            writer.beginObject()
            writer.member("limit", list.limit)
            writer.member("has_more", next != nil)
            writer.member("next_cursor", next)
            writer.endObject()
        }
    }
}

extension JSONWriter {
    /// A member whose value is an array of rows, which are copied as they are stored.
    mutating func rows(_ key: String, _ page: RowPage) {
        var start = 0
        array(key, page.ends) { writer, end in
            writer.raw(Array(page.bytes[start..<end]))
            start = end
        }
    }

    /// A member that is text.
    mutating func member(_ key: String, text: [UInt8]) {
        self.key(key)
        string(text)
    }
}

extension CursorWriter {
    /// Symbol, source and source id.
    mutating func series(_ key: SeriesKey) {
        text(key.symbol)
        text(key.source)
        text(key.sourceID)
    }
}

extension CursorReader {
    /// What `CursorWriter.series` wrote.
    mutating func series() -> SeriesKey? {
        guard let symbol = text(), let source = text(), let sourceID = text() else { return nil }
        return SeriesKey(symbol: symbol, source: source, sourceID: sourceID)
    }
}
