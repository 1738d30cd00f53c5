import ArgumentParser
import Ingest

extension CompletionKind {
    /// The sources of the configuration that stands on the command line, or in the environment.
    static let sources = CompletionKind.custom { words, _, _ in
        let file = words.firstIndex(of: Settings.configurationFile.option).flatMap { words.indices.contains($0 + 1) ? words[$0 + 1] : nil }
        let typed = file.map { [Settings.configurationFile.key: $0] } ?? [:]
        guard let configuration = try? Configuration(typed) else { return [] }
        return configuration.catalog(dataDirectory: Settings.dataDirectory.fallback).sources.map(\.name)
    }
}
