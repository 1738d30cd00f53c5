import TestSupport
import TickerStore

@testable import Ingest

/// Decodes a text as a file named `test.conf` would be.
func catalog(_ text: String, variables: [String: String] = [:], path: String = "test.conf") throws -> SourceCatalog {
    try SourceCatalog(
        file: ConfigurationText(path: path, bytes: Array(text.utf8)),
        surroundings: ConfigurationSurroundings(variables: variables, dataDirectory: "/data", userAgent: "test")
    )
}

/// The one source that is not built in.
func source(_ members: String, variables: [String: String] = [:]) throws -> (definition: SourceDefinition?, catalog: SourceCatalog) {
    let catalog = try catalog("{ sources: { own: { \(members) } } }", variables: variables)
    return (catalog.sources.first { $0.name == "own" }, catalog)
}

extension SourceCatalog {
    /// What is wrong, without place.
    var errors: [String] { problems.filter { $0.severity == .error }.map { "\($0.pointer): \($0.message)" } }
}

/// What an `http` source needs, and no more.
let plainHTTP = #"kind: "http", url: "https://api.example.test/v1/prices", fields: { symbol: "/s", price_usd: "/p", timestamp: "/t" }"#
