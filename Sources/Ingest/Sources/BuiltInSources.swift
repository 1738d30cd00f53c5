import Transfer

/// The sources that work with no configuration at all.
package enum BuiltInSources {
    /// `GET /v1/tickers?quotes=USD`: one array of all coins, numbers under `quotes.USD`, 10 requests a minute.
    ///
    /// - Parameter override: Replaces scheme, host, port and path; the query is still sent unless the override has one.
    package static func coinpaprika(override: String?, userAgent: String) -> SourceDefinition {
        let query = "?quotes=USD"
        let url = override.map { $0.contains("?") ? $0 : $0 + query } ?? "https://api.coinpaprika.com/v1/tickers" + query
        let source = HTTPSource(
            url: url,
            fields: [
                .symbol: "/symbol", .name: "/name", .sourceID: "/id", .price: "/quotes/USD/price", .volume: "/quotes/USD/volume_24h",
                .marketCap: "/quotes/USD/market_cap", .percentChange: "/quotes/USD/percent_change_24h", .timestamp: "/last_updated",
            ],
            zeroIsNull: [.marketCap],
            quotaPerMinute: 10,
            userAgent: userAgent
        )
        return SourceDefinition(name: "coinpaprika", kind: .http(source))
    }

    /// Whether a URL can be fetched at all: absolute, http or https, with a host.
    package static func isUsable(url: String) -> Bool { Fetcher.canFetch(url: url) }

    /// The inbox; files with the columns `ticker,usd_price,tx_volume,time,source` load as they are.
    package static func csv(inbox: String, extraFile: String?) -> SourceDefinition {
        let source = CSVSource(
            inbox: inbox,
            extraFiles: extraFile.map { [$0] } ?? [],
            declared: ["ticker": .symbol, "usd_price": .price, "tx_volume": .volume, "time": .timestamp]
        )
        return SourceDefinition(name: "csv", kind: .csv(source))
    }
}
