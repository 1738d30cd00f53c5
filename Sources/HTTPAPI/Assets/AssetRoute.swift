import HTTPTypes
import Hummingbird

/// `GET /assets/{name}`: what the pages are made of, from the binary.
enum AssetRoute {
    private static let assets = Dictionary(uniqueKeysWithValues: Asset.all.map { ($0.name, $0) })

    static let endpoint = Endpoint(.get, "/assets/{name}", parameters: ["v"], summary: nil) { request in
        let name = try request.pathParameter("name")
        guard let asset = assets[name] else {
            throw Problem(.notFound, code: "not_found", detail: "There is no file `\(name)`. The pages at `/` and `/api-docs` name theirs.")
        }
        let isCurrent = try request.query.single("v") == asset.digest
        return try await response(asset, to: request.request.headers, isForEver: isCurrent)
    }

    /// - Parameter isForEver: the address has the file's digest in it, so what is there never changes.
    private static func response(_ asset: Asset, to headers: HTTPFields, isForEver: Bool) async throws -> Response {
        var fields: HTTPFields = [
            .eTag: asset.entityTag,
            .cacheControl: isForEver ? "public, max-age=31536000, immutable" : "no-cache",
        ]
        if asset.isCompressed { fields[.vary] = "Accept-Encoding" }
        fields[.contentType] = asset.contentType
        fields[.contentSecurityPolicy] = "default-src 'none'; style-src 'unsafe-inline'; frame-ancestors 'none'"
        guard asset.isCompressed else { return Response(status: .ok, headers: fields, body: ResponseBody(byteBuffer: asset.bytes)) }
        if headers.acceptsGzip {
            fields[.contentEncoding] = "gzip"
            return Response(status: .ok, headers: fields, body: ResponseBody(byteBuffer: asset.bytes))
        }
        guard let content = try await ReadingPool.run({ asset.inflated() }) else {
            throw Problem(.internalServerError, code: "internal_error", detail: "The file could not be unpacked.")
        }
        return Response(status: .ok, headers: fields, body: ResponseBody(byteBuffer: content))
    }
}
