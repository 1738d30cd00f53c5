import Hummingbird
import Ingest
import MarketData
import TickerStore

/// `GET /outliers`: odd values that were found and kept, newest row first.
enum OutliersRoute {
    static func endpoint(_ context: APIContext) -> Endpoint {
        Endpoint(
            .get,
            "/outliers",
            parameters: ["symbol", "source", "source_id", "field", "type", "from", "start", "to", "end", "limit", "cursor"],
            summary: "values far from those before them, newest first"
        ) { request in
            _ = try request.query.choice("field", of: OutlierField.allCases.map(\.name))
            _ = try request.query.choice("type", of: OutlierType.allCases.map(\.rawValue))
            let list = try ListRequest(.outliers, request.query, words: ["field", "type"])
            let after = try list.place { fields -> RecordPosition? in
                guard let position = fields.integer(), let series = fields.series(), let mark = fields.integer() else { return nil }
                return RecordPosition(position: position, series: series, mark: UInt64(bitPattern: mark))
            }
            let page = try await request.read { [rows = context.rows] in
                try rows.snapshot().page(of: .outliers, list.storeQuery, after: after) { isWanted($0, list.filters.words) }
            }
            let next = page.next.map { place in
                list.cursor { fields in
                    fields.integer(place.position)
                    fields.series(place.series)
                    fields.integer(Int64(bitPattern: place.mark))
                }
            }
            return request.page(of: list, at: "/outliers", next: next, context) { writer in
                writer.array("data", page.lines) { $0.raw($1) }
            }
        }
    }

    private static func isWanted(_ line: [UInt8], _ words: [String: String]) -> Bool {
        if words.isEmpty { return true }
        guard let root = try? JSONDocument(parsing: line).root else { return false }
        return words.allSatisfy { name, word in root.member(name)?.string == word }
    }
}
