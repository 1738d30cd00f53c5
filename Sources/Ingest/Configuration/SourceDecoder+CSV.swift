import MarketData

/// Sources that are files.
extension SourceDecoder {
    func csv() -> CSVSource {
        var source = CSVSource(inbox: surroundings.dataDirectory + "/inbox")
        if let node = section["directory"], let path = problems.string(node, "the path of a directory") { source.inbox = node.text.resolved(path) }
        for node in section.strings("extra_files") ?? [] {
            if let path = node.value.string { source.extraFiles.append(node.text.resolved(path)) }
        }
        source.pattern = pattern()
        source.separator = separator()
        source.encoding = section.choice("encoding") ?? .utf8
        source.declared = declaredColumns()
        source.format = format()
        takeSymbol(&source)
        source.columns = columns(source)
        return source
    }

    private func pattern() -> String? {
        guard let node = section["files"], let text = problems.string(node, "a pattern of file names") else { return nil }
        if text.contains("/") {
            problems.add(at: node, "file names are meant, without directories; the directory is written as directory: \"…\"")
            return nil
        }
        return text
    }

    private func separator() -> UInt8? {
        guard let node = section["separator"], let text = problems.string(node, "a separator") else { return nil }
        if text == "tab" { return 0x09 }
        let taken = Array("\"'.-+".utf8)
        guard text.utf8.count == 1, let byte = text.utf8.first, byte == 0x09 || (0x20...0x7E).contains(byte), !taken.contains(byte),
            !text.contains(where: { $0.isLetter || $0.isNumber })
        else {
            problems.add(at: node, "one character is expected, such as \",\", \";\", \"|\" or \"tab\"")
            return nil
        }
        return byte
    }

    /// Ours → the file's, which may be one name or several; the definition has it the other way round.
    private func declaredColumns() -> [String: TickerField] {
        var declared: [String: TickerField] = [:]
        for (field, node) in fieldNodes("fields", TickerField.allCases) {
            let nodes = node.value.kind == .array ? node.elements : [node]
            for node in nodes {
                guard let column = problems.string(node, "the name of a column") else { continue }
                if let other = declared[column] {
                    problems.add(at: node, "the column is that of \(other.rawValue) already")
                } else {
                    declared[column] = field
                }
            }
        }
        return declared
    }

    private func takeSymbol(_ source: inout CSVSource) {
        guard let node = section["symbol"] else { return }
        if source.format.constants[.symbol] != nil {
            problems.add(at: node, "constants has a symbol already")
        } else if node.value.kind == .object {
            let section = ConfigurationSection(layers: [node], problems: problems)
            section.refuseUnknown(ConfigurationKeys.keys(of: .symbol))
            guard let pattern = section["file_name"] else { return section.missing("file_name is missing: a regular expression") }
            source.symbolPattern = problems.pattern(pattern)
        } else {
            source.format.constants[.symbol] = problems.string(node, "a symbol, or { file_name: \"a regular expression\" },")
        }
    }

    private func columns(_ source: CSVSource) -> [String]? {
        guard let nodes = section.strings("columns") else { return nil }
        var names: [String] = []
        for node in nodes {
            guard let name = node.value.string else { continue }
            if names.contains(name) { problems.add(at: node, "there is a column of this name already") }
            names.append(name)
        }
        guard let list = section["columns"], !names.isEmpty else {
            if let list = section["columns"] { problems.add(at: list, "the names of the columns are expected") }
            return nil
        }
        var rules = SchemaRules(source, header: CSVHeader(names: names.map { Array($0.utf8) }), mode: schemaMode)
        if section["symbol"] != nil { rules.constants.insert(.symbol) }
        var sample = SchemaSample()
        sample.fields = names.map { SampledField(name: $0, path: [$0]) }
        let missing = SchemaMapper(rules: rules).decide(sample).missing
        if !missing.isEmpty {
            problems.add(
                at: list,
                "no column gives \(missing.map(\.rawValue).joined(separator: ", ")); name one like that, or say which it is with fields: { \(missing[0].rawValue): \"COLUMN\" }"
            )
        }
        return names
    }
}
