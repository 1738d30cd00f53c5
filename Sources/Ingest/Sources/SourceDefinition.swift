import MarketData
import Transfer

/// One place that data come from (spec section 2): data, not code. The configuration file and the built-in sources make them.
package struct SourceDefinition: Sendable, Equatable {
    /// How the source is read.
    package enum Kind: Sendable, Equatable {
        case http(HTTPSource)
        case csv(CSVSource)
        case feed(FeedSource)
    }

    package var name: String
    package var kind: Kind
    /// How often it is loaded, in milliseconds; nil: as often as all sources are.
    package var intervalMilliseconds: Int64?
    package var schemaMode: SchemaMode

    /// Whether fields that are not declared may be inferred (spec section 4).
    package enum SchemaMode: String, Sendable, CaseIterable {
        case infer, freeze
    }

    package init(name: String, kind: Kind, intervalMilliseconds: Int64? = nil, schemaMode: SchemaMode = .infer) {
        self.name = name
        self.kind = kind
        self.intervalMilliseconds = intervalMilliseconds
        self.schemaMode = schemaMode
    }

    package var kindName: String {
        switch kind {
        case .http: "http"
        case .csv: "csv"
        case .feed: "feed"
        }
    }

    /// The server that it asks; nil for files.
    package var upstream: Upstream? {
        switch kind {
        case .http(let source): source.upstream
        case .csv: nil
        case .feed(let source): source.upstream
        }
    }
}
