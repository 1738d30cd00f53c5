import MarketData

/// How an API is asked for more, and whether its URL says so too.
extension SourceDecoder {
    private enum PaginationKind: String, CaseIterable {
        case none, page, offset, cursor, link
        case nextURL = "next_url"
    }

    func pagination() -> Pagination {
        guard let node = section["pagination"] else { return .none }
        let word = ConfigurationSection(layers: [node], problems: problems)
        if node.value.kind == .object {
            word.refuseUnknown(ConfigurationKeys.keys(of: .pagination))
            guard word["kind"] != nil else {
                problems.add(at: node, "kind is missing: \(PaginationKind.allCases.map { "\"\($0.rawValue)\"" }.joined(separator: ", "))")
                return .none
            }
            return word.choice("kind").map { pagination($0, word) } ?? .none
        }
        guard let kind = section.choice("pagination") as PaginationKind? else { return .none }
        if kind == .cursor || kind == .nextURL {
            let name = kind == .cursor ? "/meta/next" : "/links/next"
            problems.add(
                at: node,
                "it must say where the \(kind == .cursor ? "cursor" : "URL") stands: { kind: \"\(kind.rawValue)\", pointer: \"\(name)\" }"
            )
            return .none
        }
        return pagination(kind, nil)
    }

    private func pagination(_ kind: PaginationKind, _ details: ConfigurationSection?) -> Pagination {
        if kind != .page, let node = details?["first"] { problems.add(at: node, "only pagination of kind \"page\" has a first one") }
        if kind != .cursor, kind != .nextURL, let node = details?["pointer"] {
            problems.add(at: node, "only pagination of kind \"cursor\" and \"next_url\" has a pointer")
        }
        switch kind {
        case .none: return .none
        case .page: return .page(first: details?.integer("first", 0...1_000_000) ?? 1)
        case .offset: return .offset
        case .link: return .linkHeader
        case .cursor, .nextURL:
            guard let details, let node = details["pointer"] else {
                details?.missing("pointer is missing: the JSON pointer to the \(kind == .cursor ? "cursor" : "URL") in an answer")
                return .none
            }
            guard let pointer = problems.string(node, "a JSON pointer"), pointer.hasPrefix("/"), JSONPointer(pointer) != nil else {
                problems.add(at: node, "a JSON pointer begins with /, such as \"/meta/next\"")
                return .none
            }
            return kind == .cursor ? .cursor(pointer: pointer) : .nextURL(pointer: pointer)
        }
    }

    // MARK: Placeholders

    /// The placeholders of a text; nil, and told, when a brace belongs to none.
    func placeholders(in node: ConfigurationNode) -> [URLTemplate.Placeholder]? {
        guard let text = node.value.string else { return [] }
        do throws(URLTemplate.Fault) {
            return try URLTemplate.placeholders(text)
        } catch {
            switch error {
            case .unknown(let name):
                let known = URLTemplate.Placeholder.allCases.map(\.rawValue)
                let hint = NearestName.of(name, among: known).map { "did you mean {\($0)}?" } ?? "known are {\(known.joined(separator: "}, {"))}"
                problems.add(at: node, "unknown placeholder; \(hint)")
            case .strayBrace: problems.add(at: node, "a brace that belongs to no placeholder; write it as %7B or %7D")
            }
            return nil
        }
    }

    /// What the URL and the query ask for must be what the pagination counts, and the other way round.
    func checkPlaceholders(_ pagination: Pagination, limit: Int?, pages: Int?) {
        let query = section.section("query")
        let nodes = [section["url"]].compactMap { $0 } + (query?.names ?? []).compactMap { query?[$0] }
        var found: [(placeholder: URLTemplate.Placeholder, node: ConfigurationNode)] = []
        for node in nodes { found += (placeholders(in: node) ?? []).map { ($0, node) } }
        for (placeholder, node) in found {
            switch placeholder {
            case .page, .offset, .cursor:
                if pagination.placeholder == placeholder { continue }
                let how = placeholder == .cursor ? "{ kind: \"cursor\", pointer: \"/…\" }" : "\"\(placeholder.rawValue)\""
                problems.add(at: node, "{\(placeholder.rawValue)} needs pagination: \(how)")
            case .limit:
                if limit == nil, section["limit"] == nil { problems.add(at: node, "{limit} needs limit: the number of records of a page") }
            case .since: break
            }
        }
        if let wanted = pagination.placeholder, !found.contains(where: { $0.placeholder == wanted }), let node = section["pagination"] {
            problems.add(at: node, "{\(wanted.rawValue)} stands neither in url nor in query, so every page would be the same one")
        }
        if limit != nil, !found.contains(where: { $0.placeholder == .limit }), pagination != .offset, let node = section["limit"] {
            problems.add(at: node, "{limit} stands neither in url nor in query")
        }
        if let pages, pages > 1, pagination == .none, section["pagination"] == nil, let node = section["max_pages"] {
            problems.add(at: node, "without pagination there is one page")
        }
    }
}

extension Pagination {
    /// What stands in the request for the place to go on at.
    var placeholder: URLTemplate.Placeholder? {
        switch self {
        case .page: .page
        case .offset: .offset
        case .cursor: .cursor
        case .none, .linkHeader, .nextURL: nil
        }
    }
}

extension Upstream {
    /// Whether this stands in the query beside the URL.
    func holds(_ text: String) -> Bool { query.contains { $0.value.contains(text) } }
}
