import HTTPTypes
import Hummingbird
import MarketData

extension APIRequest {
    /// An answer whose body is one JSON object: `request_id`, the members that `body` writes, `api_latency_ms`. Where it may be asked for again,
    /// it has a tag of those members.
    func jsonObject(
        status: HTTPResponse.Status = .ok,
        headers: HTTPFields = [:],
        _ body: (inout JSONWriter) -> Void
    ) -> Response {
        var writer = JSONWriter()
        writer.beginObject()
        writer.key("request_id")
        writer.string(context.requestID)
        let start = writer.bytes.count
        body(&writer)
        var headers = headers
        if status == .ok, isRepeatable {
            var tag = EntityTag()
            tag.add(writer.bytes[start...])
            headers[.eTag] = tag.text
        }
        let latency = context.elapsedMilliseconds
        writer.key("api_latency_ms")
        writer.number(latency)
        writer.endObject()
        return json(ByteBuffer(bytes: writer.bytes), status: status, headers: headers, latencyMilliseconds: latency)
    }

    /// Whether the same may be asked for again, and a tag tells whether there is anything new.
    var isRepeatable: Bool { request.method == .get || request.method == .head }

    /// An answer whose body is finished JSON text.
    func json(
        _ body: ByteBuffer,
        status: HTTPResponse.Status = .ok,
        headers: HTTPFields = [:],
        latencyMilliseconds: Int
    ) -> Response {
        var fields = headers
        fields[.contentType] = "application/json"
        fields[.xAPILatency] = "\(latencyMilliseconds)"
        return Response(status: status, headers: fields, body: ResponseBody(byteBuffer: body))
    }
}

extension JSONWriter {
    /// `"health":{"status":…,"errors":…}`: how the last finished run ended.
    mutating func health(status: String, errors: Int) {
        key("health")
        beginObject()
        member("status", status)
        member("errors", errors)
        endObject()
    }
}
