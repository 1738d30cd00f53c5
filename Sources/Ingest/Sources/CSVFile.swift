import Crypto
import MarketData
import TickerStore

/// A file that a source is to look at.
struct CSVFile: Sendable {
    var path: String
    var key: FileKey
    /// When the inbox was listed; nil where nothing is there.
    var status: FileStatus?

    /// The last part of the path.
    var name: String { path.lastIndex(of: "/").map { String(path[path.index(after: $0)...]) } ?? path }
}

extension CSVSource {
    /// The name patterns, made ready once for a whole directory.
    struct Patterns {
        fileprivate let taken: FileNamePattern?
        fileprivate let excluded: [FileNamePattern]

        init(_ source: CSVSource) {
            taken = source.pattern.map { FileNamePattern($0) }
            excluded = source.excludedPatterns.map { FileNamePattern($0) }
        }
    }

    /// Whether the source reads files of this name from its inbox (spec section 2).
    func takes(_ name: String, _ patterns: Patterns) -> Bool {
        if name.hasPrefix(".") || name.hasSuffix(".part") || name.hasSuffix(".tmp") { return false }
        if patterns.excluded.contains(where: { $0.matches(name) }) { return false }
        return patterns.taken?.matches(name) ?? (name.hasSuffix(".csv") || name.hasSuffix(".csv.gz"))
    }

    /// Fields whose value no column gives.
    var constantFields: Set<TickerField> {
        var fields = Set(format.constants.keys)
        if symbolPattern != nil { fields.insert(.symbol) }
        return fields
    }

    /// What gives fields that no column gives.
    var given: [TickerField: MappingDecision] {
        var given: [TickerField: MappingDecision] = [:]
        if symbolPattern != nil { given[.symbol] = MappingDecision(field: TickerField.symbol.rawValue, from: nil, reason: .fileName) }
        for (field, value) in format.constants { given[field] = MappingDecision(field: field.rawValue, from: value, reason: .constant) }
        return given
    }

    /// Changes when the same file would be read otherwise.
    ///
    /// - Parameter approvals: what people said about the source's columns; see `SchemaApprovals.version`.
    func mappingVersion(_ mode: SourceDefinition.SchemaMode, approvals: String) -> String {
        mappingVersion + (mode == .freeze ? ":freeze" : "") + (approvals.isEmpty ? "" : ":" + approvals)
    }

    /// Of what the configuration says.
    private var mappingVersion: String {
        let names = declared.map { "\($0.key)=\($0.value.rawValue)" }.sorted().joined(separator: ",")
        // What is declared as usual is left out, so that files read by older versions are not read again.
        let plain = CSVSource(inbox: inbox, extraFiles: extraFiles, pattern: pattern, excludedPatterns: excludedPatterns, declared: declared)
        if self == plain { return "3:" + names }
        var hash = SHA256()
        // Each part with its length: no two declarations give one text.
        func add(_ part: String) { hash.update(data: Array("\(part.utf8.count):\(part)".utf8)) }
        add(names)
        add(separator.map { String($0) } ?? "")
        add(encoding.rawValue)
        add(columns.map { "\($0.count)" } ?? "none")
        columns?.forEach(add)
        add(symbolPattern ?? "")
        add(format.zeroIsNull.map(\.rawValue).sorted().joined(separator: ","))
        add(String(format.decimalSeparator))
        add("\(format.timestamps.offsetMinutes)")
        add(format.timestamps.slashes.map { "\($0)" } ?? "")
        for texts in [format.constants, format.patterns] {
            add("\(texts.count)")
            for (field, text) in texts.sorted(by: { $0.key.rawValue < $1.key.rawValue }) {
                add(field.rawValue)
                add(text)
            }
        }
        return "4:" + Hexadecimal.text(hash.finalize().prefix(16))
    }
}
