import Hummingbird
import MarketData

/// A request to `POST /admin/backup`, read and checked: its query, or a JSON object with the same names.
struct BackupRequest: Sendable {
    static let parameters = ["path", "copy", "include_secrets", "include_inbox"]

    /// Absolute: the server's working directory is not that of whoever asks.
    var path: String
    /// Whether files are copied where links would do.
    var copies: Bool
    /// Names below the data directory that go along.
    var extras: [String]

    init(_ request: APIRequest) async throws {
        let body = try await request.request.body.collect(upTo: 64 * 1024)
        let values = try body.readableBytes == 0 ? Self.values(of: request.query) : Self.values(of: Array(body.readableBytesView))
        func flag(_ name: String) throws(Problem) -> Bool {
            switch values[name] {
            case nil, "false": return false
            case "true": return true
            case let text?: throw .invalidParameter(name, "`\(name)` must be `true` or `false`, not `\(text)`.")
            }
        }
        guard let path = values["path"] else {
            throw Problem.invalidParameter("path", "`path` is missing. Give the new directory that the copy goes to, such as `path=/backup/monday`.")
        }
        guard path.hasPrefix("/"), !path.utf8.contains(0) else {
            throw Problem.invalidParameter("path", "`path` must be an absolute path, not `\(path)`.")
        }
        self.path = path
        copies = try flag("copy")
        extras = try (flag("include_secrets") ? ["token", "jwt.key"] : []) + (flag("include_inbox") ? ["inbox"] : [])
    }

    private static func values(of query: QueryParameters) throws(Problem) -> [String: String] {
        var values: [String: String] = [:]
        for name in parameters { values[name] = try query.single(name) }
        return values
    }

    private static func values(of body: [UInt8]) throws(Problem) -> [String: String] {
        guard let root = try? JSONDocument(parsing: body).root, root.kind == .object else {
            throw Problem(
                .badRequest,
                code: "malformed_body",
                detail: #"The body is no JSON object. Send one such as `{"path":"/backup/monday"}`, or the same names as query parameters."#
            )
        }
        var values: [String: String] = [:]
        for (key, value) in root.members {
            let name = key.string ?? ""
            guard parameters.contains(name) else {
                throw .invalidParameter(name, "unknown member `\(name)`. Known here: \(parameters.joined(separator: ", ")).")
            }
            values[name] = value.string ?? value.boolValue.map { $0 ? "true" : "false" } ?? "a value that is neither text nor true or false"
        }
        return values
    }
}
