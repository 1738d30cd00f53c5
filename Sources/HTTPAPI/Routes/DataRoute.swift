import HTTPTypes
import Hummingbird
import Ingest
import MarketData
import NIOCore
import TickerStore

/// `GET /data`: rows exactly as stored, filtered, ordered, paged.
enum DataRoute {
    static func endpoint(_ context: APIContext) -> Endpoint {
        Endpoint(.get, "/data", parameters: DataRequest.parameters, summary: "rows, newest first; ?symbol=BTC&limit=5") {
            request in
            let dataRequest = try DataRequest(request.query)
            let query = dataRequest.storeQuery
            let rows = try await ReadingPool.run { [rows = context.rows] in try rows.snapshot().page(query) }
            let page = DataPage(rows, dataRequest)
            switch dataRequest.format {
            case .json: return json(page, dataRequest, request, context)
            case .ndjson: return lines(page, dataRequest)
            }
        }
    }

    /// The stored lines are copied between the head and the tail of the object; nothing is decoded.
    private static func json(
        _ page: DataPage,
        _ dataRequest: DataRequest,
        _ request: APIRequest,
        _ context: APIContext
    ) -> Response {
        let runs = context.runs.statistics()
        let latency = request.context.elapsedMilliseconds
        var head = JSONWriter()
        head.beginObject()
        head.member("request_id", request.context.requestID)
        head.member("run_id", context.runs.latestRunID)
        head.member("api_latency_ms", latency)
        head.health(status: runs.healthStatus, errors: runs.healthErrors)
        head.key("data")
        let tail = pagination(page, dataRequest)

        var body = ByteBuffer()
        body.reserveCapacity(head.bytes.count + page.rowBytes + tail.count + 20)
        body.writeBytes(head.bytes)
        body.writeStaticString("[")
        page.appendRows(to: &body, separator: UInt8(ascii: ","))
        body.writeStaticString("],\"pagination\":")
        body.writeBytes(tail)
        body.writeStaticString("}")
        return request.json(body, headers: linkHeaders(page, dataRequest), latencyMilliseconds: latency)
    }

    /// One row per line; the way on is in the header fields.
    private static func lines(_ page: DataPage, _ dataRequest: DataRequest) -> Response {
        var body = ByteBuffer()
        body.reserveCapacity(page.rowBytes)
        page.appendRows(to: &body, separator: UInt8(ascii: "\n"))
        if !page.isEmpty { body.writeStaticString("\n") }
        var headers = linkHeaders(page, dataRequest)
        headers[.contentType] = "application/x-ndjson"
        return Response(status: .ok, headers: headers, body: ResponseBody(byteBuffer: body))
    }

    private static func pagination(_ page: DataPage, _ request: DataRequest) -> [UInt8] {
        var writer = JSONWriter()
        writer.beginObject()
        writer.member("limit", request.limit)
        writer.member("has_more", page.hasMore)
        writer.member("next_cursor", page.next)
        writer.member("prev_cursor", page.previous)
        writer.member("sort_by", "timestamp")
        writer.member("sort_dir", request.filters.direction == .ascending ? "asc" : "desc")
        writer.endObject()
        return writer.bytes
    }

    private static func linkHeaders(_ page: DataPage, _ request: DataRequest) -> HTTPFields {
        var parameters = [(name: "limit", value: "\(request.limit)")]
        if request.format != .json { parameters.append(("format", request.format.rawValue)) }
        var headers: HTTPFields = [:]
        PageLinks(path: "/data", parameters: parameters, next: page.next, previous: page.previous).add(to: &headers)
        return headers
    }
}
