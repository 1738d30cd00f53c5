import Transfer

/// The sources that work with no configuration at all.
package enum BuiltInSources {
    /// `GET /v1/tickers?quotes=USD`: one array of all coins, numbers under `quotes.USD`, 10 requests a minute.
    ///
    /// - Parameter override: Replaces scheme, host, port and path; the query is still sent unless the override has one.
    package static func coinpaprika(override: String?, userAgent: String) -> SourceDefinition {
        var upstream = Upstream(
            url: "https://api.coinpaprika.com/v1/tickers",
            query: [NamedText("quotes", "USD")],
            userAgent: userAgent,
            quota: Quota(perMinute: 10, perMonth: 20_000)
        )
        if let override { upstream.replaceURL(by: override) }
        let source = HTTPSource(
            upstream: upstream,
            fields: [
                .symbol: "/symbol", .name: "/name", .sourceID: "/id", .price: "/quotes/USD/price", .volume: "/quotes/USD/volume_24h",
                .marketCap: "/quotes/USD/market_cap", .percentChange: "/quotes/USD/percent_change_24h", .timestamp: "/last_updated",
            ],
            format: RecordFormat(zeroIsNull: [.marketCap])
        )
        return SourceDefinition(name: "coinpaprika", kind: .http(source))
    }

    /// `GET /api/v3/coins/markets`: 250 coins a page, four pages at most, 3 requests a minute.
    ///
    /// - Parameter override: As for `coinpaprika`.
    package static func coingecko(override: String?, userAgent: String) -> SourceDefinition {
        var upstream = Upstream(
            url: "https://api.coingecko.com/api/v3/coins/markets",
            query: [
                NamedText("vs_currency", "usd"), NamedText("order", "market_cap_desc"), NamedText("per_page", "250"), NamedText("page", "{page}"),
            ],
            userAgent: userAgent,
            quota: Quota(perMinute: 3, perMonth: 10_000)
        )
        if let override { upstream.replaceURL(by: override) }
        let source = HTTPSource(
            upstream: upstream,
            pagination: .page(first: 1),
            maximumPages: 4,
            fields: [
                .symbol: "/symbol", .name: "/name", .sourceID: "/id", .price: "/current_price", .volume: "/total_volume",
                .marketCap: "/market_cap", .percentChange: "/price_change_percentage_24h", .timestamp: "/last_updated",
            ],
            format: RecordFormat(zeroIsNull: [.marketCap])
        )
        return SourceDefinition(name: "coingecko", kind: .http(source))
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

extension Upstream {
    /// Puts another URL in the place of scheme, host, port and path; the query stays, unless the other one has its own.
    package mutating func replaceURL(by override: String) {
        url = override
        if override.contains("?") { query = [] }
    }
}
