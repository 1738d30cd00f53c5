import Testing

@testable import Ingest

/// Whole headers of real files and records: what fields say about each other.
@Suite struct HeaderTests {
    struct Header: Sendable {
        let source: String
        /// `name=value~value` or a name alone, separated by semicolons.
        let fields: String
        /// What is applied, as `from>to`, in the order of our fields.
        let applied: String
        /// What is shown.
        var shown = ""
    }

    static let headers: [Header] = [
        Header(
            source: "seed CSV",
            fields: "ticker=BTC;usd_price=68000.45;tx_volume=32000000000;time=2025-10-13T12:00:00Z;source=csv",
            applied: "ticker>symbol;usd_price>price_usd;time>timestamp",
            shown: "tx_volume>volume_24h"
        ),
        Header(
            source: "seed drift CSV",
            fields: "symbol=BTC;price_usd=68000.45;volume_24h=32000000000;created_at=1697198400;data_source=csv_v2",
            applied: "symbol>symbol;price_usd>price_usd;volume_24h>volume_24h;created_at>timestamp"
        ),
        Header(
            source: "CoinMarketCap 1",
            fields:
                "id;name;symbol;rank;price_usd;price_btc;24h_volume_usd;market_cap_usd;available_supply;total_supply;max_supply;percent_change_1h;percent_change_24h;percent_change_7d;last_updated",
            applied:
                "symbol>symbol;name>name;price_usd>price_usd;24h_volume_usd>volume_24h;market_cap_usd>market_cap;percent_change_24h>percent_change_24h;last_updated>timestamp",
            shown: "price_btc>price_usd"
        ),
        Header(
            source: "CoinMarketCap Pro",
            fields:
                "/id;/name;/symbol;/slug;/num_market_pairs;/date_added;/tags;/max_supply;/circulating_supply;/total_supply;/platform/id;/platform/name;/platform/symbol;/cmc_rank;/last_updated;/quote/USD/price;/quote/USD/volume_24h;/quote/USD/volume_change_24h;/quote/USD/percent_change_1h;/quote/USD/percent_change_24h;/quote/USD/percent_change_7d;/quote/USD/market_cap;/quote/USD/market_cap_dominance;/quote/USD/fully_diluted_market_cap;/quote/USD/last_updated",
            applied:
                "/symbol>symbol;/name>name;/quote/USD/price>price_usd;/quote/USD/volume_24h>volume_24h;/quote/USD/market_cap>market_cap;/quote/USD/percent_change_24h>percent_change_24h;/last_updated>timestamp",
            shown: "/quote/USD/last_updated>timestamp"
        ),
        Header(
            source: "CoinGecko",
            fields:
                "/id;/symbol;/name;/image;/current_price;/market_cap;/market_cap_rank;/fully_diluted_valuation;/total_volume;/high_24h;/low_24h;/price_change_24h;/price_change_percentage_24h;/market_cap_change_24h;/market_cap_change_percentage_24h;/circulating_supply;/ath;/ath_change_percentage;/ath_date;/atl;/roi;/last_updated",
            applied:
                "/symbol>symbol;/name>name;/current_price>price_usd;/total_volume>volume_24h;/market_cap>market_cap;/price_change_percentage_24h>percent_change_24h;/last_updated>timestamp",
            shown: "/price_change_24h>percent_change_24h"
        ),
        Header(
            source: "CoinCap",
            fields: "/id;/rank;/symbol;/name;/supply;/maxSupply;/marketCapUsd;/volumeUsd24Hr;/priceUsd;/changePercent24Hr;/vwap24Hr",
            applied:
                "/symbol>symbol;/name>name;/priceUsd>price_usd;/volumeUsd24Hr>volume_24h;/marketCapUsd>market_cap;/changePercent24Hr>percent_change_24h"
        ),
        Header(
            source: "CoinLore",
            fields:
                "/id;/symbol;/name;/nameid;/rank;/price_usd;/percent_change_24h;/percent_change_1h;/percent_change_7d;/price_btc;/market_cap_usd;/volume24;/volume24a;/csupply;/tsupply;/msupply",
            applied:
                "/symbol>symbol;/name>name;/price_usd>price_usd;/volume24>volume_24h;/market_cap_usd>market_cap;/percent_change_24h>percent_change_24h",
            shown: "/price_btc>price_usd;/volume24a>volume_24h"
        ),
        Header(
            source: "CryptoCompare",
            fields: "/PRICE;/VOLUME24HOUR=12;/VOLUME24HOURTO=516000;/CHANGE24HOUR;/CHANGEPCT24HOUR;/MKTCAP;/LASTUPDATE",
            applied: "/PRICE>price_usd;/MKTCAP>market_cap;/CHANGEPCT24HOUR>percent_change_24h;/LASTUPDATE>timestamp",
            shown: "/VOLUME24HOUR>volume_24h;/VOLUME24HOURTO>volume_24h;/CHANGE24HOUR>percent_change_24h"
        ),
        Header(
            source: "Kaggle candles",
            fields:
                "SNo=1;Name=Binance Coin;Symbol=BNB;Date=2017-07-26 23:59:59;High=0.109;Low=0.099;Open=0.105;Close=0.105;Volume=200395.0;Marketcap=10513800.0",
            applied: "Symbol>symbol;Name>name;Marketcap>market_cap;Date>timestamp",
            shown: "Close>price_usd;Volume>volume_24h"
        ),
        Header(
            source: "CryptoDataDownload",
            fields:
                "unix=1609286400000;date=2020-12-30 00:00:00;symbol=BTC/USDT;open=27385;high=27397;low=27384;close=27392;Volume BTC=36.5;Volume USDT=1000458;tradecount=438",
            applied: "symbol>symbol;date>timestamp",
            shown: "unix>timestamp;close>price_usd"
        ),
        Header(
            source: "Yahoo",
            fields: "Date=01/01/2020;Close=7200.17;High=7254.33;Low=7174.94;Open=7194.89;Volume=18565664997",
            applied: "Date>timestamp",
            shown: "Close>price_usd;Volume>volume_24h"
        ),
        Header(
            source: "Investing.com",
            fields: "Date=Sep 17, 2024;Price=60,309.1;Open=58,192.5;High=61,316.1;Low=57,616.1;Vol.=106.30K;Change %=3.60%",
            applied: "Date>timestamp",
            shown: "Price>price_usd;Vol.>volume_24h;Change %>percent_change_24h"
        ),
        Header(
            source: "CoinGecko export",
            fields: "snapped_at=2013-04-28 00:00:00 UTC;price=135.3;market_cap=1500517590;total_volume=0",
            applied: "price>price_usd;total_volume>volume_24h;market_cap>market_cap;snapped_at>timestamp"
        ),
        Header(
            source: "Binance",
            fields:
                "/symbol=ETHBTC~LTCBTC;/priceChange;/priceChangePercent;/weightedAvgPrice;/lastPrice=0.06~0.003;/bidPrice;/askPrice;/openPrice;/highPrice;/lowPrice;/volume;/quoteVolume;/openTime;/closeTime=1634135773674;/count",
            applied: "/symbol>symbol",
            shown: "/priceChangePercent>percent_change_24h;/lastPrice>price_usd;/volume>volume_24h;/quoteVolume>volume_24h;/closeTime>timestamp"
        ),
        Header(
            source: "prices of pairs",
            fields: "symbol=ETHBTC~LTCBTC;price=0.06~0.003;time=1634135773674~1634135773674",
            applied: "symbol>symbol;time>timestamp",
            shown: "price>price_usd"
        ),
        Header(
            source: "prices in euros",
            fields: "symbol=BTC;price=40000;currency=EUR;time=1634135773",
            applied: "symbol>symbol;time>timestamp",
            shown: "price>price_usd"
        ),
        Header(
            source: "prices in dollars",
            fields: "symbol=BTC;price=40000;currency=USD;time=1634135773",
            applied: "symbol>symbol;price>price_usd;time>timestamp",
            shown: ""
        ),
        Header(source: "another thing's currency", fields: "/symbol=BTC;/price=40000;/roi/currency=eur", applied: "/symbol>symbol;/price>price_usd"),
        Header(
            source: "CoinGecko with changes in currency",
            fields: "/price_change_percentage_24h=1.36167~-4.2;/price_change_percentage_24h_in_currency=1.3616711~-4.19999",
            applied: "/price_change_percentage_24h>percent_change_24h",
            shown: "/price_change_percentage_24h_in_currency>percent_change_24h"
        ),
        Header(
            source: "time in two columns",
            fields: "symbol=BTC;usd_price=40000;date=2024-01-01;time=14:30:00",
            applied: "symbol>symbol;usd_price>price_usd",
            shown: "date>timestamp;time>timestamp"
        ),
        Header(
            source: "Messari",
            fields:
                "/id;/slug;/symbol;/metrics/market_data/price_usd;/metrics/market_data/price_btc;/metrics/market_data/volume_last_24_hours;/metrics/market_data/percent_change_usd_last_24_hours;/metrics/marketcap/current_marketcap_usd;/metrics/all_time_high/price",
            applied:
                "/symbol>symbol;/metrics/market_data/price_usd>price_usd;/metrics/market_data/volume_last_24_hours>volume_24h;/metrics/marketcap/current_marketcap_usd>market_cap;/metrics/market_data/percent_change_usd_last_24_hours>percent_change_24h",
            shown: "/metrics/market_data/price_btc>price_usd"
        ),
        Header(
            source: "Kasparro file",
            fields: "coin_id=bitcoin;symbol=BTC;name=Bitcoin;price=43250.50;market_cap=845000000000;volume=28500000000;change_24h=2.34;rank=1",
            applied: "symbol>symbol;name>name;price>price_usd;volume>volume_24h;market_cap>market_cap;change_24h>percent_change_24h;coin_id>source_id"
        ),
    ]

    private static func sampled(_ header: Header) -> SchemaSample {
        sample(
            header.fields.split(separator: ";").map { field in
                let parts = field.split(separator: "=", maxSplits: 1).map(String.init)
                let values = parts.count > 1 ? parts[1].split(separator: "~").map(String.init) : []
                return IngestTests.sampled(parts[0], values)
            }
        )
    }

    @Test(arguments: headers)
    func aRealHeaderIsMapped(header: Header) {
        let decision = SchemaMapper.plain.decide(Self.sampled(header))
        #expect(decision.matches.map { "\($0.from)>\($0.to.rawValue)" }.joined(separator: ";") == header.applied, "\(header.source)")
        #expect(decision.candidates.map { "\($0.from)>\($0.to.rawValue)" }.joined(separator: ";") == header.shown, "\(header.source)")
    }
}
