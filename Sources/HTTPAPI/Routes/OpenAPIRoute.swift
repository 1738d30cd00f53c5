import CAssets
import HTTPTypes
import Hummingbird

/// `GET /openapi.json`: the description of this API, with the version of the program that answers.
package enum OpenAPIRoute {
    /// What stands in the file in place of the version.
    private static let placeholder = #""version": "0.0.0""#

    static func endpoint(version: String) -> Endpoint {
        let text = MadeOnce { ByteBuffer(bytes: document(version: version)) }
        let tag = MadeOnce { EntityTag(of: text.value.readableBytesView).text }
        return Endpoint(.get, "/openapi.json", summary: "this API as an OpenAPI 3.1 document") { request in
            request.json(text.value, headers: [.eTag: tag.value], latencyMilliseconds: request.context.elapsedMilliseconds)
        }
    }

    /// The document as it is served, in UTF-8.
    package static func document(version: String) -> [UInt8] {
        let file = embedded_openapi_json()
        let text = String(decoding: UnsafeRawBufferPointer(start: file.start, count: file.length), as: UTF8.self)
        guard let place = text.firstRange(of: placeholder) else { return Array(text.utf8) }
        return Array((text[..<place.lowerBound] + #""version": "\#(version)""# + text[place.upperBound...]).utf8)
    }
}
