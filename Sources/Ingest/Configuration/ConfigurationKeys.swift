/// Every key of the objects in a configuration file, by the object it stands in: what is decoded, what misspelt ones are compared with, and what
/// `kasparro.conf(5)` describes.
package enum ConfigurationKeys {
    /// An object of the file, by the heading that it has in the manual.
    package enum Section: String, CaseIterable, Sendable {
        case alerts = "ALERTS"
        case source = "SOURCES"
        case server = "SOURCES WITH A SERVER"
        case http = "HTTP SOURCES"
        case feed = "FEED SOURCES"
        case csv = "CSV SOURCES"
        case quota = "QUOTA"
        case pagination = "PAGINATION"
        case secret = "SECRETS"
        case symbol = "SYMBOL"
        case schema = "SCHEMA"
    }

    /// The keys that an object may have, in the order of the manual.
    package static func keys(of section: Section) -> [String] {
        switch section {
        case .alerts: ["email_to", "email_user", "email_pass", "email_from", "smtp_url", "webhook_url", "heartbeat_url", "ca_file"]
        case .source:
            ["kind", "enabled", "every", "fields", "constants", "patterns", "zero_is_null", "decimal", "timezone", "dates", "schema"]
        case .server:
            ["url", "query", "headers", "user_agent", "quota", "allow_private", "allow_empty", "max_bytes", "connect_timeout", "timeout", "ca_file"]
        case .http: ["pagination", "max_pages", "limit", "records", "form"]
        case .feed: ["records"]
        case .csv: ["files", "directory", "extra_files", "separator", "encoding", "columns", "symbol"]
        case .quota: ["per_minute", "per_month"]
        case .pagination: ["kind", "first", "pointer"]
        case .secret: ["env", "file", "prefix"]
        case .symbol: ["file_name"]
        case .schema: ["mode"]
        }
    }

    /// The keys of a source of this kind.
    static func keys(ofKind kind: SourceKind) -> [String] {
        let own =
            switch kind {
            case .http: keys(of: .server) + keys(of: .http)
            case .feed: keys(of: .server) + keys(of: .feed)
            case .csv: keys(of: .csv)
            }
        return keys(of: .source) + own
    }
}

/// What `kind` says.
enum SourceKind: String, CaseIterable {
    case http, csv, feed
}
