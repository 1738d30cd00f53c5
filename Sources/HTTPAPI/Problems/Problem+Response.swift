import HTTPTypes
import Hummingbird
import MarketData

extension Problem {
    /// The answer, with the id and latency of its request.
    func response(request: Request, context: APIRequestContext) -> Response {
        let latency = context.elapsedMilliseconds
        let body = body(requestID: context.requestID, instance: request.uri.path, latencyMilliseconds: latency)
        var fields = headers
        fields[.contentType] = "application/problem+json"
        fields[.xAPILatency] = "\(latency)"
        return Response(status: status, headers: fields, body: ResponseBody(byteBuffer: body))
    }

    /// The head of an answer written without a route, to a request that could not be read.
    func head(requestID: String, contentLength: Int, closing: Bool) -> HTTPResponse {
        var fields = headers
        fields[.contentType] = "application/problem+json"
        fields[.contentLength] = "\(contentLength)"
        fields[.xRequestID] = requestID
        fields[.xAPILatency] = "0"
        fields[.date] = HTTPDate.now
        if closing { fields[.connection] = "close" }
        return HTTPResponse(status: status, headerFields: fields)
    }

    /// The document. `instance` is the path of the request, where it is known.
    func body(requestID: String, instance: String?, latencyMilliseconds: Int) -> ByteBuffer {
        var writer = JSONWriter()
        writer.beginObject()
        writer.key("type")
        writer.string("urn:kasparro:problem:" + code)
        writer.key("title")
        writer.string(status.reasonPhrase)
        writer.key("status")
        writer.number(status.code)
        writer.key("detail")
        writer.string(detail)
        if let instance {
            writer.key("instance")
            writer.string(instance)
        }
        writer.key("code")
        writer.string(code)
        if let parameter {
            writer.key("parameter")
            writer.string(parameter)
        }
        writer.key("request_id")
        writer.string(requestID)
        writer.key("api_latency_ms")
        writer.number(latencyMilliseconds)
        writer.endObject()
        return ByteBuffer(bytes: writer.bytes)
    }
}
