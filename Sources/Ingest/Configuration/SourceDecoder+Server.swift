import MarketData
import Transfer

/// Sources that ask a server.
extension SourceDecoder {
    private static let headersOfTheirOwn = ["host", "content-length", "transfer-encoding", "connection", "accept-encoding", "user-agent"]

    mutating func http() -> HTTPSource? {
        let upstream = upstream()
        let pointers = fields { [problems] in Self.pointer($0, problems) }
        let format = format()
        let present = section.section("fields")
        requireFields(
            { present?[$0.rawValue] != nil || section.section("constants")?[$0.rawValue] != nil },
            "each is a JSON pointer into a record, such as fields: { price_usd: \"/quotes/USD/price\" }"
        )
        requireFieldsOfPatterns(format, present)
        let limit = section.integer("limit", 1...100_000)
        var pagination = pagination()
        var pages = section.integer("max_pages", 1...100_000)
        if let override {
            // What asks for one place only is asked once.
            let wanted = pagination.placeholder.map { "{\($0.rawValue)}" }
            let isThere = wanted.map { wanted in override.contains(wanted) || !override.contains("?") && upstream?.holds(wanted) == true } ?? true
            if !isThere { (pagination, pages) = (.none, 1) }
        } else {
            checkPlaceholders(pagination, limit: limit, pages: pages)
        }
        let records = section["records"].flatMap { Self.pointer($0, problems, mayBeEmpty: true) } ?? ""
        let form: HTTPSource.Form = section.choice("form") ?? .array
        let allowsEmpty = section.flag("allow_empty") ?? false
        guard let upstream else { return nil }
        return HTTPSource(
            upstream: upstream,
            pagination: pagination,
            maximumPages: pages ?? (pagination == .none ? 1 : 100),
            isPageLimitDeclared: pages != nil || pagination == .none,
            pageLimit: limit,
            records: records,
            form: form,
            fields: pointers,
            format: format,
            allowsEmpty: allowsEmpty
        )
    }

    mutating func feed() -> FeedSource? {
        let upstream = upstream()
        checkPlaceholders(.none, limit: nil, pages: nil)
        let paths = fields { [problems] in Self.elementPath($0, problems) }
        let format = format()
        let present = section.section("fields")
        requireFields(
            { present?[$0.rawValue] != nil || section.section("constants")?[$0.rawValue] != nil },
            "each is a path of elements from a record, such as fields: { price_usd: \"content/price\" }"
        )
        requireFieldsOfPatterns(format, present)
        let records = section["records"].flatMap { Self.elementPath($0, problems, ofRecords: true) }
        let allowsEmpty = section.flag("allow_empty") ?? false
        guard let upstream else { return nil }
        return FeedSource(upstream: upstream, records: records, fields: paths, format: format, allowsEmpty: allowsEmpty)
    }

    /// A pattern without a text to look at does nothing.
    private func requireFieldsOfPatterns(_ format: RecordFormat, _ fields: ConfigurationSection?) {
        for field in format.patterns.keys where fields?[field.rawValue] == nil {
            guard let node = section.section("patterns")?[field.rawValue] else { continue }
            problems.add(at: node, "fields has no \(field.rawValue), so there is no text to look at")
        }
    }

    /// An RFC 6901 pointer.
    private static func pointer(_ node: ConfigurationNode, _ problems: ConfigurationProblems, mayBeEmpty: Bool = false) -> String? {
        if mayBeEmpty, node.value.string == "" { return "" }
        guard let text = problems.string(node, "a JSON pointer") else { return nil }
        guard text.hasPrefix("/"), JSONPointer(text) != nil else {
            problems.add(at: node, "a JSON pointer begins with / and has a / before each name, such as \"/quotes/USD/price\"")
            return nil
        }
        return text
    }

    private static func elementPath(_ node: ConfigurationNode, _ problems: ConfigurationProblems, ofRecords: Bool = false) -> String? {
        guard let text = problems.string(node, "a path of elements") else { return nil }
        do throws(FeedPath.Failure) {
            if ofRecords { _ = try FeedPath.records(text) } else { _ = try FeedPath(text) }
            return text
        } catch {
            problems.add(at: node, error.description)
            return nil
        }
    }

    // MARK: The server

    private mutating func upstream() -> Upstream? {
        let url = url()
        var upstream = Upstream(url: url ?? "", userAgent: surroundings.userAgent)
        upstream.query = values("query")
        upstream.headers = values("headers")
        checkHeaderNames()
        if let agent = section.string("user_agent") {
            if agent.utf8.allSatisfy({ (0x20...0x7E).contains($0) }) {
                upstream.userAgent = agent
            } else {
                problems.add(at: section["user_agent"] ?? section.node, "printable ASCII is expected")
            }
        }
        if let quota = section.section("quota") {
            quota.refuseUnknown(ConfigurationKeys.keys(of: .quota))
            upstream.quota.perMinute = quota.integer("per_minute", 1...1_000_000) ?? upstream.quota.perMinute
            upstream.quota.perMonth = quota.integer("per_month", 1...1_000_000_000)
        }
        upstream.allowsPrivateAddresses = section.flag("allow_private") ?? false
        upstream.limits.maximumBytes = section.bytes("max_bytes", 1_024...1 << 30) ?? upstream.limits.maximumBytes
        let total = section.duration("timeout", 100...3_600_000)
        let connect = section.duration("connect_timeout", 100...600_000)
        if let total { upstream.limits.totalTimeout = .milliseconds(total) }
        if let connect { upstream.limits.connectTimeout = .milliseconds(connect) }
        if let connect, let total, connect > total, let node = section["connect_timeout"] {
            problems.add(at: node, "this is longer than timeout, which is for everything")
        }
        if let node = section["ca_file"], let path = problems.string(node, "the path of a PEM file") {
            upstream.certificateFile = node.text.resolved(path)
        }
        guard url != nil else { return nil }
        if let override {
            upstream.replaceURL(by: override)
            keep(secretsOf: override)
        }
        return upstream
    }

    private func url() -> String? {
        guard section["url"] != nil else {
            section.missing("url is missing")
            return nil
        }
        guard let node = section["url"], let text = problems.string(node, "a URL in quotes"), placeholders(in: node) != nil else { return nil }
        let authority = URLTemplate.authority(of: text)
        if authority.contains("{") {
            problems.add(at: node, "a placeholder cannot stand in the host")
            return nil
        }
        if authority.contains("@") {
            problems.add(
                at: node,
                "user and password do not belong into a URL; write headers: { Authorization: { prefix: \"Basic \", env: \"NAME\" } }"
            )
            return nil
        }
        guard Fetcher.canFetch(url: URLTemplate.filled(text)) else {
            problems.add(at: node, "\(redacted(url: text)) is no absolute http or https URL")
            return nil
        }
        if let secret = URLTemplate.parameterNames(of: text).first(where: SecretName.isTelling) {
            problems.add(at: node, "a secret does not belong into a URL; write query: { \(secret): { env: \"NAME\" } }")
        }
        return text
    }

    private func checkHeaderNames() {
        guard let headers = section.section("headers") else { return }
        var seen: Set<String> = []
        for name in headers.names {
            guard let node = headers[name] else { continue }
            let isToken = !name.isEmpty && name.utf8.allSatisfy { (0x21...0x7E).contains($0) && !Array("\"(),/:;<=>?@[\\]{}".utf8).contains($0) }
            let lower = name.lowercased()
            if !isToken {
                problems.add(at: node, "this is no name that a header can have")
            } else if Self.headersOfTheirOwn.contains(lower) {
                problems.add(at: node, lower == "user-agent" ? "this header is written as user_agent: \"…\"" : "this header is set by the program")
            } else if !seen.insert(lower).inserted {
                problems.add(at: node, "there is a header of this name already")
            }
        }
    }
}
