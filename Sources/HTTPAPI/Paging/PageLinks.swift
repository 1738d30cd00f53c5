import HTTPTypes

/// The neighbours of a page, as `Link` and `X-Next-Cursor` header fields (RFC 8288).
struct PageLinks {
    var path: String
    /// Parameters repeated in each link; the values are numbers and words that need no escaping.
    var parameters: [(name: String, value: String)]
    var next: String?
    var previous: String?

    /// Adds the fields that apply.
    func add(to headers: inout HTTPFields) {
        var links: [String] = []
        if let next { links.append(link(next, relation: "next")) }
        if let previous { links.append(link(previous, relation: "prev")) }
        if !links.isEmpty { headers[.link] = links.joined(separator: ", ") }
        if let next { headers[.xNextCursor] = next }
    }

    private func link(_ cursor: String, relation: String) -> String {
        let query = (parameters + [("cursor", cursor)]).map { "\($0.name)=\($0.value)" }.joined(separator: "&")
        return "<\(path)?\(query)>; rel=\"\(relation)\""
    }
}
