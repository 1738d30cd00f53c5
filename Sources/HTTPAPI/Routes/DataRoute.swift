import HTTPTypes
import Hummingbird
import Ingest
import MarketData
import NIOCore
import TickerStore

/// `GET /data`: rows exactly as stored, filtered, ordered, paged.
enum DataRoute {
    static func endpoint(_ context: APIContext) -> Endpoint {
        let cache = context.pages
        return Endpoint(.get, "/data", parameters: DataRequest.parameters, summary: "rows, newest first; ?symbol=BTC&limit=5") {
            request in
            let snapshot = context.rows.snapshot()
            let asked = request.request.uri.string
            if let page = cache.page(asked, of: snapshot) { return response(page, request, context) }
            let dataRequest = try DataRequest(request.query)
            let query = dataRequest.storeQuery
            let page = try await request.read { try PrintedPage(DataPage(try snapshot.page(query), dataRequest), dataRequest) }
            cache.keep(page, for: asked, of: snapshot)
            return response(page, request, context)
        }
    }

    private static func response(_ page: PrintedPage, _ request: APIRequest, _ context: APIContext) -> Response {
        switch page.format {
        case .json:
            return envelope(page, request, context)
        case .ndjson, .csv:
            var fields = page.fields
            fields[.contentType] = (page.format == .csv ? RowText.csv : .ndjson).contentType
            fields[.eTag] = page.tag.text
            return Response(status: .ok, headers: fields, body: ResponseBody(byteBuffer: page.body))
        }
    }

    /// What is said in front of the rows is new in each answer.
    private static func envelope(_ page: PrintedPage, _ request: APIRequest, _ context: APIContext) -> Response {
        let runs = context.runs.statistics()
        let runID = context.runs.latestRunID
        let latency = request.context.elapsedMilliseconds
        var head = JSONWriter()
        head.beginObject()
        head.member("request_id", request.context.requestID)
        head.member("run_id", runID)
        head.member("api_latency_ms", latency)
        head.health(status: runs.healthStatus, errors: runs.healthErrors)
        head.key("data")

        var body = ByteBuffer()
        body.reserveCapacity(head.bytes.count + page.body.readableBytes)
        body.writeBytes(head.bytes)
        body.writeImmutableBuffer(page.body)
        var tag = page.tag
        tag.add("\(runID ?? "") \(runs.healthStatus) \(runs.healthErrors)")
        var fields = page.fields
        fields[.eTag] = tag.text
        return request.json(body, headers: fields, latencyMilliseconds: latency)
    }
}
