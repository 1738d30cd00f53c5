import MarketData

@testable import Ingest

extension RecordedSource {
    static let all = kaggle + exchanges + others

    private static let kaggle = [
        RecordedSource(
            "kaggle",
            in: "cs01-kaggle-23-coins",
            fields: ["Name": .name, "Symbol": .symbol, "Date": .timestamp, "Close": .price, "Volume": .volume, "Marketcap": .marketCap],
            rows: 37_082
        ) { $0.format.zeroIsNull = [.volume, .marketCap] },
        RecordedSource("coinmarketcap", in: "cs03-cmc-scraped-all-coins", fields: scraped, rows: 29_999) {
            $0.format.timestamps.slashes = .dayFirst
            $0.format.zeroIsNull = [.volume, .marketCap]
        },
        // Rows without a time are no rows.
        RecordedSource("coinmarketcap-undated", in: "cs04-cmc-scraped-no-date-crlf", fields: scraped, rows: 0, quarantined: 5_572, status: .failed),
        RecordedSource(
            "prices-2018",
            in: "cs05-cmc-quoted-thousands",
            pattern: "*_price.csv",
            fields: ["Date": .timestamp, "Close": .price, "Volume": .volume, "Market Cap": .marketCap],
            rows: 4_351
        ) { $0.symbolPattern = "^([a-z]+)_price" },
        RecordedSource(
            "bitcoin-chain",
            in: "cs05-cmc-quoted-thousands",
            pattern: "bitcoin_dataset.csv",
            fields: ["Date": .timestamp, "btc_market_price": .price, "btc_trade_volume": .volume, "btc_market_cap": .marketCap],
            rows: 2_745,
            quarantined: 175
        ) { $0.format.constants = [.symbol: "BTC", .name: "Bitcoin"] },
        RecordedSource(
            "ethereum-chain",
            in: "cs05-cmc-quoted-thousands",
            pattern: "ethereum_dataset.csv",
            fields: ["UnixTimeStamp": .timestamp, "eth_etherprice": .price, "eth_marketcap": .marketCap],
            rows: 925,
            quarantined: 9
        ) { $0.format.constants = [.symbol: "ETH", .name: "Ethereum"] },
        RecordedSource(
            "coingecko-export",
            in: "cs07-coingecko-export",
            fields: ["snapped_at": .timestamp, "price": .price, "total_volume": .volume],
            rows: 3_160
        ) {
            $0.symbolPattern = "^([a-z]+)-usd-max"
            $0.format.zeroIsNull = [.volume]
        },
    ]

    private static let scraped: [String: TickerField] = [
        "slug": .sourceID, "date": .timestamp, "close": .price, "volume": .volume, "market": .marketCap,
    ]

    private static let exchanges = [
        // Pairs against the bitcoin are not prices in dollars and belong to no source.
        RecordedSource(
            "binance-hourly",
            in: "cs09-cdd-hourly-bulk",
            pattern: "Binance_*USDT_1h.csv",
            fields: candles(volume: "Volume USDT"),
            rows: 64_361,
            quarantined: 1
        ) {
            $0.format.patterns = [.symbol: "^([A-Z]+)/USDT$"]
        },
        RecordedSource(
            "binance-daily",
            in: "cs09-cdd-hourly-bulk",
            pattern: "Binance_*USDT_d.csv",
            fields: candles(volume: "Volume USDT"),
            rows: 1_233
        ) {
            $0.format.patterns = [.symbol: "^([A-Z]+)/USDT$"]
        },
        RecordedSource("bitfinex-daily", in: "cs11-cdd-bitstamp-bitfinex", pattern: "Bitfinex_*", fields: candles(volume: "Volume USD"), rows: 2_443)
        {
            $0.format.patterns = [.symbol: "^([A-Z]+)/USD$"]
        },
        RecordedSource(
            "bitstamp-hourly",
            in: "cs11-cdd-bitstamp-bitfinex",
            pattern: "Bitstamp_*_1h.csv",
            fields: candles(volume: "Volume USD"),
            rows: 37_387
        ) {
            $0.format.patterns = [.symbol: "^([A-Z]+)/USD$"]
        },
        RecordedSource(
            "bitstamp-daily",
            in: "cs11-cdd-bitstamp-bitfinex",
            pattern: "Bitstamp_*USD_d.csv",
            fields: candles(volume: "Volume USD"),
            rows: 2_515
        ) {
            $0.format.patterns = [.symbol: "^([A-Z]+)/USD$"]
        },
        RecordedSource(
            "kraken",
            in: "cs17-kraken-headerless",
            fields: ["time": .timestamp, "close": .price],
            rows: 93_574
        ) {
            $0.columns = ["time", "open", "high", "low", "close", "volume", "trades"]
            $0.symbolPattern = "^([A-Z]+)USD_"
        },
        RecordedSource("coinbase-daily", in: "cs19-coinbase-odd-column-order", pattern: "*_1d_*", fields: ["close": .price], rows: 5_152) {
            $0.format.constants = [.symbol: "BTC"]
        },
        RecordedSource("coinbase-5m", in: "cs19-coinbase-odd-column-order", pattern: "*_5m_*", fields: ["close": .price], rows: 39_017) {
            $0.format.constants = [.symbol: "BTC"]
        },
        RecordedSource(
            "binance-bulk",
            in: "cs24-bulk-binance-hourly-concat",
            fields: candles(volume: "volume_quote"),
            rows: 151_440,
            quarantined: 2,
            repeated: 1
        ) {
            $0.format.patterns = [.symbol: "^([A-Z]+)/USDT$"]
        },
    ]

    private static func candles(volume: String) -> [String: TickerField] {
        ["unix": .timestamp, "close": .price, volume: .volume]
    }

    private static let others = [
        RecordedSource(
            "coinmarketcap-export",
            in: "cs13-cmc-export-semicolon-bom",
            fields: ["close": .price, "volume": .volume, "marketCap": .marketCap],
            rows: 1_092
        ) { $0.symbolPattern = "^([a-z]+)-hist" },
        // Its volume counts bitcoins, not dollars.
        RecordedSource("investing", in: "cs15-investing-com", fields: ["Date": .timestamp, "Price": .price, "Change %": .percentChange], rows: 1_721)
        {
            $0.format.constants = [.symbol: "BTC", .name: "Bitcoin"]
        },
        RecordedSource(
            "coinmetrics",
            in: "cs21-coinmetrics-2019",
            fields: ["date": .timestamp, "price(USD)": .price, "exchangeVolume(USD)": .volume, "marketcap(USD)": .marketCap],
            rows: 7_591,
            quarantined: 2_154
        ) { $0.symbolPattern = "^([a-z]+)\\.csv" },
        RecordedSource("yahoo", in: "cs22-yahoo-ddmmyyyy", fields: ["Date": .timestamp, "Close": .price, "Volume": .volume], rows: 1_827) {
            $0.format.constants = [.symbol: "BTC", .name: "Bitcoin"]
            $0.format.timestamps.slashes = .dayFirst
        },
        RecordedSource("ecb", in: "fd05-ecb-hist-wide-csv", fields: ["Date": .timestamp, "USD": .price], rows: 4_424, quarantined: 2_560) {
            $0.format.constants = [.symbol: "EUR", .name: "Euro"]
        },
        RecordedSource(
            "seed",
            in: "ks01-seed-historical-csv",
            pattern: "Historical_Data.csv",
            fields: ["ticker": .symbol, "usd_price": .price, "tx_volume": .volume, "time": .timestamp],
            rows: 51
        ),
        RecordedSource("seed-drift", in: "ks01-seed-historical-csv", pattern: "*_Drift.csv", fields: ["created_at": .timestamp], rows: 10),
        RecordedSource(
            "projects",
            in: "ks02-kasparro-projects-csv",
            excluding: ["Pseudo-CS__*"],
            fields: [
                "ticker": .symbol, "coin_id": .sourceID, "id": .sourceID, "price": .price, "date": .timestamp, "created_at": .timestamp,
                "last_updated": .timestamp, "volume": .volume, "vol": .volume, "volume_24h_usd": .volume, "market_cap_usd": .marketCap,
                "change_24h": .percentChange,
            ],
            rows: 36,
            quarantined: 42,
            status: .partialSuccess
        ),
        RecordedSource(
            "projects-items",
            in: "ks02-kasparro-projects-csv",
            pattern: "Pseudo-CS__*",
            fields: ["id": .sourceID, "title": .symbol, "value": .price],
            rows: 10
        ),
    ]
}
