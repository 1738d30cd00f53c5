@testable import Ingest

/// The built-in sources one by one, with addresses of a test.
extension BuiltInSources {
    /// All coins in one answer, 10 requests a minute.
    ///
    /// - Parameter override: Replaces scheme, host, port and path; the query is still sent unless the override has one.
    static func coinpaprika(override: String?, userAgent: String) -> SourceDefinition {
        source("coinpaprika", variables: ["COINPAPRIKA_API_URL": override ?? ""], userAgent: userAgent)
    }

    /// 250 coins a page, four pages at most, 3 requests a minute.
    ///
    /// - Parameter override: As for `coinpaprika`.
    static func coingecko(override: String?, userAgent: String) -> SourceDefinition {
        source("coingecko", variables: ["COINGECKO_API_URL": override ?? ""], userAgent: userAgent)
    }

    /// The inbox; files with the columns `ticker,usd_price,tx_volume,time,source` load as they are.
    static func csv(inbox: String, extraFile: String?) -> SourceDefinition {
        var definition = source("csv", variables: [SourceCatalog.extraFileVariable: extraFile ?? ""], userAgent: "")
        if case .csv(var source) = definition.kind {
            source.inbox = inbox
            definition.kind = .csv(source)
        }
        return definition
    }

    private static func source(_ name: String, variables: [String: String], userAgent: String) -> SourceDefinition {
        let surroundings = ConfigurationSurroundings(variables: variables, dataDirectory: "", userAgent: userAgent)
        guard let found = SourceCatalog(file: nil, surroundings: surroundings).sources.first(where: { $0.name == name }) else {
            preconditionFailure("the built-in configuration has no source \(name)")
        }
        return found
    }
}
