import MarketData

/// All sources of one start: those that are built in, with what a file and the environment make of them.
package struct SourceCatalog: Sendable {
    /// In the order in which they are loaded and shown: the built-in ones, then the file's own.
    package private(set) var sources: [SourceDefinition] = []
    /// What they hold that nobody may see.
    package private(set) var secrets = Secrets()
    package private(set) var problems: [ConfigurationProblem] = []
    /// Every member of every entry, and where it came from.
    package private(set) var values: [ConfiguredValue] = []

    /// The variables that replace scheme, host, port and path of an entry's URL.
    private static let overrides = ["coinpaprika": "COINPAPRIKA_API_URL", "coingecko": "COINGECKO_API_URL"]
    package static let extraFileVariable = "KASPARRO_CSV"

    /// Decodes the entries of a file, if there is one, over those that are built in.
    ///
    /// - Parameter file: nil: nothing but what is built in.
    package init(file: ConfigurationText?, surroundings: ConfigurationSurroundings) {
        let problems = ConfigurationProblems()
        var catalog = Decoding(problems: problems, surroundings: surroundings)
        let builtIn = ConfigurationSection(layers: [BuiltInSources.configuration.root], problems: problems).section("sources")
        let own = file.flatMap { ConfigurationSection(layers: [$0.root], problems: problems).section("sources") }
        for name in builtIn?.names ?? [] {
            guard let entry = builtIn?.section(name) else { continue }
            if let changed = own?.layers[0].member(name) {
                guard changed.value.kind == .object else {
                    problems.add(
                        at: changed,
                        changed.value.isNull ? "to leave a source out, write { enabled: false }" : "an object is expected: { … }"
                    )
                    continue
                }
                let isNew = changed.member("kind") != nil
                catalog.decode(name, ConfigurationSection(layers: [changed] + (isNew ? [] : entry.layers), problems: problems))
            } else {
                catalog.decode(name, entry)
            }
        }
        for name in own?.names ?? [] where builtIn?[name] == nil {
            guard let entry = own?.section(name) else { continue }
            guard Self.isName(name) else {
                entry.missing("a source's name has 1 to 64 of the characters a-z 0-9 _ - and is not \"all\"")
                continue
            }
            if entry["kind"] == nil, let near = NearestName.of(name, among: builtIn?.names ?? []) {
                entry.missing(
                    "there is no source of this name to change; did you mean \(near)? A new one needs a kind: \"http\", \"csv\" or \"feed\""
                )
                continue
            }
            catalog.decode(name, entry)
        }
        catalog.shareFiles()
        sources = catalog.definitions.map(\.definition)
        secrets = catalog.secrets
        values = catalog.values
        self.problems = problems.list
    }

    /// Whether a source may be called so; `all` is what a run over all of them is called.
    package static func isName(_ text: String) -> Bool {
        (1...64).contains(text.utf8.count) && text != "all"
            && text.utf8.allSatisfy { (0x61...0x7A).contains($0) || (0x30...0x39).contains($0) || $0 == UInt8(ascii: "_") || $0 == UInt8(ascii: "-") }
    }

    private struct Decoding {
        let problems: ConfigurationProblems
        let surroundings: ConfigurationSurroundings
        var definitions: [(definition: SourceDefinition, section: ConfigurationSection)] = []
        var secrets = Secrets()
        var values: [ConfiguredValue] = []

        mutating func decode(_ name: String, _ section: ConfigurationSection) {
            let variable = section["url"] == nil ? nil : SourceCatalog.overrides[name].flatMap { surroundings.variable($0) == nil ? nil : $0 }
            let override = variable.flatMap { surroundings.variable($0) }
            values += ConfiguredValue.list(section, path: "sources.\(name)", url: override, variable: variable)
            if section["enabled"]?.value.boolValue == false {
                // What is wrong with it matters again when it is switched on; its secrets need not be there.
                return
            }
            var decoder = SourceDecoder(name: name, section: section, surroundings: surroundings, override: override)
            guard var definition = decoder.decode() else { return }
            secrets.add(decoder.secrets)
            if name == "csv", case .csv(var source) = definition.kind, let file = surroundings.variable(SourceCatalog.extraFileVariable) {
                source.extraFiles.append(file)
                definition.kind = .csv(source)
            }
            definitions.append((definition, section))
        }

        /// A file belongs to one source: the first whose pattern it has, or the one without a pattern.
        mutating func shareFiles() {
            var patterns: [(directory: String, pattern: String?)] = []
            for (definition, section) in definitions {
                guard case .csv(let source) = definition.kind else { continue }
                if patterns.contains(where: { $0.directory == source.inbox && $0.pattern == source.pattern }) {
                    problems.add(
                        at: section["files"] ?? section.node,
                        source.pattern == nil
                            ? "another source reads every file of \(source.inbox) already; say which files are this one's, such as files: \"\(definition.name)_*.csv\""
                            : "another source has these files already"
                    )
                }
                patterns.append((source.inbox, source.pattern))
            }
            var earlier = 0
            for index in definitions.indices {
                guard case .csv(var source) = definitions[index].definition.kind else { continue }
                let others = source.pattern == nil ? patterns[...] : patterns[..<earlier]
                source.excludedPatterns = others.compactMap { $0.directory == source.inbox ? $0.pattern : nil }
                definitions[index].definition.kind = .csv(source)
                earlier += 1
            }
        }
    }
}
