import MarketData
import Transfer

/// The sources that work with no configuration at all: the text that `kasparro config --default` prints, decoded as a file is.
package enum BuiltInSources {
    /// The configuration as it is without a file.
    package static let text = """
        // The configuration of kasparro as it is without a file; man kasparro.conf describes every key.
        // A file needs to hold only what is to be different: kasparro --config FILE
        {
          // Where everything is kept, and where the server listens.
          // data_dir: "var",
          // listen: "127.0.0.1:8080",
          // token_file: "/var/lib/kasparro/token",

          // Who needs the token: "post" for what changes something, "all" for everything but /livez.
          // auth: "post",
          // jwt_audience: "kasparro",
          // jwt_issuer: "...",

          // Proxies in front of the server, and how many connections it takes.
          // trusted_proxy: "10.0.0.1,10.1.0.0/16",
          // max_connections: 1024,

          // How often the sources are loaded, at the multiples of this time, UTC: every hour on the hour.
          // every: "1h",
          // no_schedule: false,

          // log_level: "info",
          // log_format: "text",

          // How long things are kept, and how much of the disk stays free.
          // retain_rows: "forever",
          // retain_raw: "90d",
          // retain_quarantine: "90d",
          // min_free: "64M",

          // To change one of these sources, name only the members that change; { enabled: false } leaves it out.
          sources: {
            // All coins in one answer.
            coinpaprika: {
              kind: "http",
              url: "https://api.coinpaprika.com/v1/tickers",
              query: { quotes: "USD" },
              quota: { per_minute: 10, per_month: 20000 },
              fields: {
                symbol: "/symbol",
                name: "/name",
                price_usd: "/quotes/USD/price",
                volume_24h: "/quotes/USD/volume_24h",
                market_cap: "/quotes/USD/market_cap",
                percent_change_24h: "/quotes/USD/percent_change_24h",
                timestamp: "/last_updated",
                source_id: "/id",
              },
              // It writes 0 where it does not know.
              zero_is_null: ["market_cap"],
            },

            // The thousand largest coins, 250 in an answer.
            coingecko: {
              kind: "http",
              url: "https://api.coingecko.com/api/v3/coins/markets",
              query: { vs_currency: "usd", order: "market_cap_desc", per_page: "250", page: "{page}" },
              quota: { per_minute: 3, per_month: 10000 },
              pagination: "page",
              max_pages: 4,
              fields: {
                symbol: "/symbol",
                name: "/name",
                price_usd: "/current_price",
                volume_24h: "/total_volume",
                market_cap: "/market_cap",
                percent_change_24h: "/price_change_percentage_24h",
                timestamp: "/last_updated",
                source_id: "/id",
              },
              zero_is_null: ["market_cap"],
            },

            // Every *.csv and *.csv.gz in the inbox. Columns with our own names need no mention here.
            csv: {
              kind: "csv",
              fields: { symbol: "ticker", price_usd: "usd_price", volume_24h: "tx_volume", timestamp: "time" },
            },
          },
        }

        """

    package static let configuration: ConfigurationText = {
        do throws(ConfigurationProblem) {
            return try ConfigurationText(path: "default", bytes: Array(text.utf8))
        } catch {
            preconditionFailure("the built-in configuration: \(error)")
        }
    }()

    /// Whether a URL can be fetched at all: absolute, http or https, with a host.
    package static func isUsable(url: String) -> Bool { Fetcher.canFetch(url: URLTemplate.filled(url)) }
}

extension Upstream {
    /// Puts another URL in the place of scheme, host, port and path; the query stays, unless the other one has its own.
    package mutating func replaceURL(by override: String) {
        url = override
        if override.contains("?") { query = [] }
    }
}
