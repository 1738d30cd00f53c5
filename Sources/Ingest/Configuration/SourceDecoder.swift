import MarketData

/// Turns one entry of `sources` into a definition; what is wrong with it is told, all of it.
struct SourceDecoder {
    let name: String
    let section: ConfigurationSection
    let surroundings: ConfigurationSurroundings
    /// The URL in the environment that takes the place of the entry's.
    let override: String?
    private(set) var schemaMode = SourceDefinition.SchemaMode.infer
    /// Those that the definition holds.
    private(set) var secrets = Secrets()

    private static let intervals: ClosedRange<Int64> = 1_000...31 * 86_400_000
    private static let constantFields: [TickerField] = [.symbol, .name, .sourceID]

    init(name: String, section: ConfigurationSection, surroundings: ConfigurationSurroundings, override: String?) {
        self.name = name
        self.section = section
        self.surroundings = surroundings
        self.override = override
    }

    var problems: ConfigurationProblems { section.problems }

    mutating func keep(secret: String) { secrets.add(secret) }
    /// User and password, and the values of parameters with telling names.
    mutating func keep(secretsOf url: String) {
        secrets.add(userInfoOf: url)
        guard let mark = url.firstIndex(of: "?") else { return }
        for parameter in url[url.index(after: mark)...].prefix(while: { $0 != "#" }).split(separator: "&") {
            let parts = parameter.split(separator: "=", maxSplits: 1)
            guard parts.count == 2, SecretName.isTelling(String(parts[0])) else { continue }
            secrets.add(String(parts[1]))
        }
    }

    /// nil when the entry is too wrong to be one.
    mutating func decode() -> SourceDefinition? {
        guard section["kind"] != nil else {
            section.missing("kind is missing: \"http\", \"csv\" or \"feed\"")
            return nil
        }
        guard let kind: SourceKind = section.choice("kind") else { return nil }
        refuseUnknownKeys(kind)
        schemaMode = decodeSchemaMode()
        _ = section.flag("enabled")
        let interval = section.duration("every", Self.intervals)
        let definition: SourceDefinition.Kind? =
            switch kind {
            case .http: http().map { .http($0) }
            case .csv: .csv(csv())
            case .feed: feed().map { .feed($0) }
            }
        return definition.map { SourceDefinition(name: name, kind: $0, intervalMilliseconds: interval, schemaMode: schemaMode) }
    }

    private func refuseUnknownKeys(_ kind: SourceKind) {
        let known = ConfigurationKeys.keys(ofKind: kind)
        let elsewhere = Set(SourceKind.allCases.flatMap(ConfigurationKeys.keys(ofKind:))).subtracting(known)
        for layer in section.layers {
            for key in elsewhere.sorted() {
                guard let node = layer.member(key) else { continue }
                let kinds = SourceKind.allCases.filter { ConfigurationKeys.keys(ofKind: $0).contains(key) }.map(\.rawValue)
                problems.add(at: node, "a source of kind \(kind.rawValue) has no \(key), only one of kind \(kinds.joined(separator: " or "))")
            }
        }
        section.refuseUnknown(known, butNot: elsewhere)
    }

    private func decodeSchemaMode() -> SourceDefinition.SchemaMode {
        guard let schema = section.section("schema") else { return .infer }
        schema.refuseUnknown(ConfigurationKeys.keys(of: .schema))
        return schema.choice("mode") ?? .infer
    }

    // MARK: Fields

    /// What stands where, by our own names.
    func fields(_ check: (ConfigurationNode) -> String?) -> [TickerField: String] {
        var result: [TickerField: String] = [:]
        for (field, node) in fieldNodes("fields", TickerField.allCases) { result[field] = check(node) }
        return result
    }

    /// The members of an object whose keys are our fields.
    func fieldNodes(_ key: String, _ allowed: [TickerField]) -> [(field: TickerField, node: ConfigurationNode)] {
        guard let members = section.section(key) else { return [] }
        members.refuseUnknown(allowed.map(\.rawValue))
        return allowed.compactMap { field in members[field.rawValue].map { (field, $0) } }
    }

    /// Fields without which no record could become a row, where nothing else may be found out.
    func requireFields(_ isGiven: (TickerField) -> Bool, _ how: String) {
        let missing = TickerField.required.filter { !isGiven($0) }
        guard schemaMode == .freeze, !missing.isEmpty else { return }
        let node = section["fields"] ?? section.node
        problems.add(at: node, "\(missing.map(\.rawValue).joined(separator: ", ")) \(missing.count == 1 ? "is" : "are") missing; \(how)")
    }

    func format() -> RecordFormat {
        var format = RecordFormat()
        for node in section.strings("zero_is_null") ?? [] {
            let nullable: [TickerField] = [.volume, .marketCap, .percentChange]
            if let field = nullable.first(where: { $0.rawValue == node.value.string }) {
                format.zeroIsNull.insert(field)
            } else {
                problems.add(at: node, "one of \(nullable.map { "\"\($0.rawValue)\"" }.joined(separator: ", ")) is expected")
            }
        }
        if let node = section["decimal"] {
            if let text = node.value.string, text == "." || text == "," {
                format.decimalSeparator = text.utf8.first!
            } else {
                problems.add(at: node, "\".\" or \",\" is expected")
            }
        }
        format.timestamps = timestamps()
        for (field, node) in fieldNodes("constants", Self.constantFields) { format.constants[field] = problems.string(node) }
        for (field, node) in fieldNodes("patterns", TickerField.allCases) { format.patterns[field] = problems.pattern(node) }
        return format
    }

    private func timestamps() -> Timestamp.Format {
        var format = Timestamp.Format()
        if let node = section["timezone"] {
            if let minutes = node.value.string.flatMap(Self.offsetMinutes) {
                format.offsetMinutes = minutes
            } else {
                problems.add(at: node, "an offset from UTC is expected, such as \"+05:30\" or \"UTC\"; zone names are not understood")
            }
        }
        if let node = section["dates"] {
            switch node.value.string?.lowercased() {
            case "dd/mm/yyyy": format.slashes = .dayFirst
            case "mm/dd/yyyy": format.slashes = .monthFirst
            default: problems.add(at: node, "\"dd/mm/yyyy\" or \"mm/dd/yyyy\" is expected")
            }
        }
        return format
    }

    /// `+05:30`, `-08:00`, `UTC` or `Z`, up to 14 hours.
    static func offsetMinutes(_ text: String) -> Int? {
        if ["utc", "z", "gmt"].contains(text.lowercased()) { return 0 }
        let bytes = Array(text.utf8)
        guard bytes.count == 6, bytes[0] == UInt8(ascii: "+") || bytes[0] == UInt8(ascii: "-"), bytes[3] == UInt8(ascii: ":") else { return nil }
        let digits = [bytes[1], bytes[2], bytes[4], bytes[5]].map { Int($0) - 0x30 }
        guard digits.allSatisfy({ (0...9).contains($0) }) else { return nil }
        let minutes = (digits[0] * 10 + digits[1]) * 60 + digits[2] * 10 + digits[3]
        guard digits[2] < 6, minutes <= 14 * 60 else { return nil }
        return bytes[0] == UInt8(ascii: "-") ? -minutes : minutes
    }
}
