import HTTPTypes
import Hummingbird
import MarketData
import TickerStore

/// `GET /quarantine` and `GET /quarantine/{id}`: records that could not become rows.
struct QuarantineRoutes: Sendable {
    let context: APIContext

    var endpoints: [Endpoint] {
        [
            Endpoint(
                .get,
                "/quarantine",
                parameters: ["source", "reason", "limit", "cursor"],
                summary: "records that could not become rows, newest first",
                handle: list
            ),
            Endpoint(.get, "/quarantine/{id}", summary: "one of them; its id may be abbreviated", handle: one),
        ]
    }

    private func list(_ request: APIRequest) async throws -> Response {
        let list = try ListRequest(.quarantine, request.query, words: ["reason"])
        let position = try list.place { fields in fields.text().flatMap { QuarantinePosition(String(decoding: $0, as: UTF8.self)) } }
        let (source, reason) = (try list.oneSource(), list.filters.words["reason"])
        let page = try await request.read { [rows = context.rows] in
            try rows.snapshot().quarantined(source: source, reason: reason, before: position, limit: list.limit)
        }
        let next = page.next.map { place in list.cursor { $0.text(Array(place.text.utf8)) } }
        return request.page(of: list, at: "/quarantine", next: next, context) { $0.quarantined("data", page.records.map(\.forStrangers)) }
    }

    private func one(_ request: APIRequest) async throws -> Response {
        let id = try request.pathParameter("id")
        let record = try await request.read { [rows = context.rows] in try QuarantineMatch(id, in: rows.snapshot()) }.found(id)
        return request.jsonObject { writer in
            writer.member("run_id", context.runs.latestRunID)
            writer.quarantined("record", record.forStrangers)
        }
    }
}

extension WaitingRecord {
    /// Without the directory of its file, which is nobody's business on the network.
    fileprivate var forStrangers: WaitingRecord {
        var record = self
        if !place.contains("://") { record.place = place.split(separator: "/").last.map(String.init) ?? place }
        return record
    }
}

extension QuarantineMatch {
    /// The record, or 404 where there is none, or 400 where the text is no id or means several.
    func found(_ id: String) throws(Problem) -> WaitingRecord {
        if case .record(let record) = self { return record }
        let detail = refusal(of: id) ?? ""
        if case .nothing = self { throw Problem(.notFound, code: "quarantined_record_not_found", detail: detail) }
        throw .invalidParameter("id", detail)
    }
}

extension JSONWriter {
    /// A member that is one quarantined record.
    mutating func quarantined(_ key: String, _ record: WaitingRecord) {
        self.key(key)
        beginObject()
        record.appendMembers(to: &self)
        endObject()
    }

    /// A member that is a list of quarantined records.
    mutating func quarantined(_ key: String, _ records: [WaitingRecord]) {
        array(key, records) { writer, record in
            writer.beginObject()
            record.appendMembers(to: &writer)
            writer.endObject()
        }
    }
}
