import Ingest

/// What differs between the configuration in force and a new one, by names that people use.
struct ConfigurationChanges: Equatable {
    /// Settings, members of `alerts`, and sources or their members, in the order of the manual.
    var applied: [String] = []
    var needRestart: [String] = []

    private static let mostNames = 12

    init(from old: [ConfiguredValue], to new: [ConfiguredValue]) {
        let before = Dictionary(old.map { ($0.path, $0.json) }) { first, _ in first }
        let after = Dictionary(new.map { ($0.path, $0.json) }) { first, _ in first }
        let sourcesBefore = Set(old.compactMap { Self.source($0.path) })
        let sourcesAfter = Set(new.compactMap { Self.source($0.path) })
        let fixed = Set(Settings.inFile.filter(\.needsRestart).map(\.key))
        for path in old.map(\.path) + new.map(\.path) where before[path] != after[path] {
            let parts = path.split(separator: ".")
            // Of a source that comes or goes the name says all.
            let isWhole = Self.source(path).map { !sourcesBefore.contains($0) || !sourcesAfter.contains($0) } ?? false
            let name = parts.prefix(isWhole ? 2 : 3).joined(separator: ".")
            if fixed.contains(name) {
                if !needRestart.contains(name) { needRestart.append(name) }
            } else if !applied.contains(name) {
                applied.append(name)
            }
        }
    }

    /// `sources.coingecko.quota, log_level; listen needs a restart`
    var text: String {
        var text = applied.isEmpty ? "nothing else" : applied.prefix(Self.mostNames).joined(separator: ", ")
        if applied.isEmpty, needRestart.isEmpty { text = "nothing is different" }
        if applied.count > Self.mostNames { text += " and \(applied.count - Self.mostNames) more" }
        if !needRestart.isEmpty { text += "; \(needRestart.joined(separator: ", ")) \(needRestart.count == 1 ? "needs" : "need") a restart" }
        return text
    }

    private static func source(_ path: String) -> Substring? {
        let parts = path.split(separator: ".")
        return parts.count > 2 && parts[0] == "sources" ? parts[1] : nil
    }
}
