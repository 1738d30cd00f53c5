import HTTPTypes
import Hummingbird

/// Which pages of other origins may read answers (the Fetch standard's CORS protocol). Off unless the operator names them.
package struct CrossOrigin: Sendable {
    /// Origins such as `https://example.org`; `*` alone is all.
    private let origins: Set<String>

    /// Nobody.
    package init() { origins = [] }

    /// - Parameter text: origins as a browser writes them, separated by commas, or `*`. nil when it is neither.
    package init?(_ text: String) {
        let names = text.split(separator: ",").map { String($0.drop { $0 == " " }.prefix { $0 != " " }) }
        guard !names.isEmpty, names.allSatisfy({ $0 == "*" ? names.count == 1 : Self.isOrigin($0) }) else { return nil }
        origins = Set(names)
    }

    /// Adds the fields that let a page of the request's origin read the answer.
    func complete(_ response: inout Response, of request: Request) {
        if origins.isEmpty { return }
        guard let allowed = allowedOrigin(request) else { return addVary(to: &response.headers) }
        response.headers[.accessControlAllowOrigin] = allowed
        response.headers[.accessControlExposeHeaders] = Self.exposed
        addVary(to: &response.headers)
    }

    /// The fields of the answer to a preflight, which asks whether a request may be sent.
    func completePreflight(_ fields: inout HTTPFields, of request: Request, methods: String) {
        guard request.headers[.accessControlRequestMethod] != nil, allowedOrigin(request) != nil else { return }
        fields[.accessControlAllowMethods] = methods
        fields[.accessControlAllowHeaders] = "Authorization, Content-Type, If-None-Match, Last-Event-ID, X-Request-ID"
        fields[.accessControlMaxAge] = "86400"
    }

    /// What scripts may see beside the few fields that they always may.
    private static let exposed =
        "Content-Disposition, ETag, Link, Location, Retry-After, Server-Timing, X-API-Latency-Ms, X-Next-Cursor, X-Request-ID, X-Run-ID"

    private func allowedOrigin(_ request: Request) -> String? {
        guard let origin = request.headers[.origin] else { return nil }
        if origins.contains("*") { return "*" }
        return origins.contains(origin) ? origin : nil
    }

    /// With `*` all get the same; else a cache must not give one origin what was said to another.
    private func addVary(to fields: inout HTTPFields) {
        if !origins.contains("*") { fields.addVary("Origin") }
    }

    /// Scheme, host and maybe a port, nothing behind: what browsers send (RFC 6454 section 6.2).
    private static func isOrigin(_ text: String) -> Bool {
        guard let scheme = ["https://", "http://"].first(where: { text.hasPrefix($0) }) else { return false }
        let rest = text.utf8.dropFirst(scheme.utf8.count)
        let allowed = Set("abcdefghijklmnopqrstuvwxyz0123456789.-:[]".utf8)
        return !rest.isEmpty && rest.allSatisfy { allowed.contains($0) }
    }
}

extension HTTPFields {
    /// Says that the answer depends on a field of the request.
    mutating func addVary(_ name: String) {
        guard let present = self[.vary] else { return self[.vary] = name }
        let names = present.split(separator: ",").map { $0.drop { $0 == " " }.lowercased() }
        if !names.contains(name.lowercased()) { self[.vary] = present + ", " + name }
    }
}
