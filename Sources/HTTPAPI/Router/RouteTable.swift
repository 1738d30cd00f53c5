import HTTPTypes

/// Which paths exist and which methods each of them has.
///
/// Hummingbird's router answers 404 for a known path with another method; this table tells the two apart.
struct RouteTable: Sendable {
    let endpoints: [Endpoint]
    private let paths: [(segments: [Substring], template: String, methods: [HTTPRequest.Method])]

    init(_ endpoints: [Endpoint]) {
        self.endpoints = endpoints
        var paths: [(segments: [Substring], template: String, methods: [HTTPRequest.Method])] = []
        for endpoint in endpoints {
            if let index = paths.firstIndex(where: { $0.template == endpoint.template }) {
                paths[index].methods.append(endpoint.method)
            } else {
                paths.append((Self.segments(endpoint.template), endpoint.template, [endpoint.method]))
            }
        }
        self.paths = paths
    }

    /// All templates, in the order of the endpoints.
    var templates: [String] { paths.map(\.template) }

    /// The template that `path` fits.
    func template(for path: String) -> String? {
        let segments = Self.segments(path)
        return paths.first { candidate in
            candidate.segments.count == segments.count
                && zip(candidate.segments, segments).allSatisfy { $0.hasPrefix("{") || $0 == $1 }
        }?.template
    }

    /// Whether a request goes to an endpoint that may take longer than a page.
    func isPatient(_ request: HTTPRequest) -> Bool {
        let path = String((request.path ?? "").prefix { $0 != "?" })
        guard let template = template(for: path) else { return false }
        let method = request.method == .head ? .get : request.method
        return endpoints.contains { $0.isPatient && $0.template == template && $0.method == method }
    }

    /// The value of `Allow` for a template: its own methods, HEAD wherever there is GET, and OPTIONS.
    func allow(_ template: String) -> String {
        var names: [String] = []
        for method in paths.first(where: { $0.template == template })?.methods ?? [] {
            names.append(method.rawValue)
            if method == .get { names.append("HEAD") }
        }
        names.append("OPTIONS")
        return names.joined(separator: ", ")
    }

    private static func segments(_ path: String) -> [Substring] {
        path.split(separator: "/", omittingEmptySubsequences: true)
    }
}
