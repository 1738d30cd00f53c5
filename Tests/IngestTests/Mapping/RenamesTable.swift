/// Names by provider; the format is told at `Renames`.
extension Renames {
    static let table = """
        CoinMarketCap 1    | 24h_volume_usd                                                 | $volumes       | volume_24h
        CoinMarketCap 1    | market_cap_usd                                                 | $caps          | market_cap
        CoinMarketCap 1    | price_btc                                                      | $shares        | ~price_usd
        CoinMarketCap 1    | available_supply                                               | $caps          | -
        CoinMarketCap 1    | total_supply                                                   | $caps          | -
        CoinMarketCap 1    | percent_change_1h                                              | $percents      | -
        CoinMarketCap 1    | percent_change_7d                                              | $percents      | -
        CoinMarketCap 1    | last_updated                                                   | $epochs        | timestamp
        CoinMarketCap 1    | id                                                             | $slugs         | -
        CoinMarketCap 1    | rank                                                           | $ranks         | -
        CoinMarketCap Pro  | /quote/USD/price                                               | $prices        | price_usd
        CoinMarketCap Pro  | /quote/USD/volume_24h                                          | $volumes       | volume_24h
        CoinMarketCap Pro  | /quote/USD/market_cap                                          | $caps          | market_cap
        CoinMarketCap Pro  | /quote/USD/percent_change_24h                                  | $percents      | percent_change_24h
        CoinMarketCap Pro  | /quote/USD/last_updated                                        | $dates         | timestamp
        CoinMarketCap Pro  | /quote/USD/volume_change_24h                                   | $percents      | -
        CoinMarketCap Pro  | /quote/USD/percent_change_90d                                  | $percents      | -
        CoinMarketCap Pro  | /quote/USD/market_cap_dominance                                | $percents      | -
        CoinMarketCap Pro  | /quote/USD/fully_diluted_market_cap                            | $caps          | -
        CoinMarketCap Pro  | /quote/USD/tvl                                                 | $caps          | -
        CoinMarketCap Pro  | /quote/EUR/price                                               | $prices        | -
        CoinMarketCap Pro  | /quote/BTC/market_cap                                          | $caps          | -
        CoinMarketCap Pro  | /quote/KRW/volume_24h                                          | $volumes       | -
        CoinMarketCap Pro  | quote.USD.price                                                | $prices        | price_usd
        CoinMarketCap Pro  | quote.USD.market_cap                                           | $caps          | market_cap
        CoinMarketCap Pro  | quote.EUR.price                                                | $prices        | -
        CoinMarketCap Pro  | /platform/name                                                 | $names         | -
        CoinMarketCap Pro  | /platform/symbol                                               | $symbols       | -
        CoinMarketCap Pro  | /platform/id                                                   | 1027; 1839; 1  | -
        CoinMarketCap Pro  | num_market_pairs                                               | 9121; 5800; 900 | -
        CoinMarketCap Pro  | date_added                                                     | $dates         | -
        CoinMarketCap Pro  | slug                                                           | $slugs         | -
        CoinMarketCap Pro  | cmc_rank                                                       | $ranks         | -
        CoinMarketCap Pro  | self_reported_market_cap                                       | $caps          | ~market_cap
        CoinMarketCap Pro  | self_reported_circulating_supply                               | $caps          | -
        CoinMarketCap Pro  | infinite_supply                                                | 0; 1; 0        | -
        CoinMarketCap site | Market Cap                                                     | $caps          | market_cap
        CoinMarketCap site | Volume(24h)                                                    | $volumes       | volume_24h
        CoinMarketCap site | 24h %                                                          | $percents      | ~percent_change_24h
        CoinMarketCap site | 1h %                                                           | $percents      | -
        CoinMarketCap site | 7d %                                                           | $percents      | -
        CoinMarketCap site | Price                                                          | $43,250.50; $2,280.75; $0.52 | price_usd
        CoinMarketCap site | marketCap                                                      | $caps          | market_cap
        CoinMarketCap site | timeOpen                                                       | $dates         | -
        CoinMarketCap site | timeHigh                                                       | $dates         | -
        CoinMarketCap site | timeClose                                                      | $dates         | ~timestamp
        CoinMarketCap site | Market Cap                                                     | 189,536,000,000; 178,055,000,000; - | market_cap
        CoinGecko          | current_price                                                  | $prices        | price_usd
        CoinGecko          | total_volume                                                   | $volumes       | volume_24h
        CoinGecko          | price_change_percentage_24h                                    | $percents      | percent_change_24h
        CoinGecko          | price_change_24h                                               | $percents      | ~percent_change_24h
        CoinGecko          | market_cap_change_24h                                          | $caps          | -
        CoinGecko          | market_cap_change_percentage_24h                               | $percents      | -
        CoinGecko          | market_cap_rank                                                | $ranks         | -
        CoinGecko          | fully_diluted_valuation                                        | $caps          | -
        CoinGecko          | high_24h                                                       | $prices        | -
        CoinGecko          | low_24h                                                        | $prices        | -
        CoinGecko          | circulating_supply                                             | $caps          | -
        CoinGecko          | max_supply                                                     | $caps          | -
        CoinGecko          | ath                                                            | $prices        | -
        CoinGecko          | ath_change_percentage                                          | $percents      | -
        CoinGecko          | ath_date                                                       | $dates         | -
        CoinGecko          | atl                                                            | $prices        | -
        CoinGecko          | atl_date                                                       | $dates         | -
        CoinGecko          | image                                                          | $urls          | -
        CoinGecko          | roi.times                                                      | 90.2; 3.1      | -
        CoinGecko          | roi.percentage                                                 | $percents      | -
        CoinGecko          | snapped_at                                                     | $dates         | timestamp
        CoinGecko          | price_change_percentage_7d_in_currency                         | $percents      | -
        CoinGecko          | price_change_percentage_24h_in_currency                        | $percents      | percent_change_24h
        CoinGecko          | /market_data/current_price/usd                                 | $prices        | price_usd
        CoinGecko          | /market_data/current_price/eur                                 | $prices        | -
        CoinGecko          | /market_data/current_price/btc                                 | $shares        | -
        CoinGecko          | /market_data/market_cap/usd                                    | $caps          | market_cap
        CoinGecko          | /market_data/total_volume/usd                                  | $volumes       | volume_24h
        CoinGecko          | /market_data/total_volume/krw                                  | $volumes       | -
        CoinGecko          | /market_data/ath/usd                                           | $prices        | -
        CoinGecko          | /market_data/ath_change_percentage/usd                         | $percents      | -
        CoinGecko          | /market_data/price_change_percentage_24h                       | $percents      | percent_change_24h
        CoinGecko          | /market_data/last_updated                                      | $dates         | timestamp
        CoinGecko          | usd_24h_vol                                                    | $volumes       | volume_24h
        CoinGecko          | usd_market_cap                                                 | $caps          | market_cap
        CoinGecko          | eur_market_cap                                                 | $caps          | ~market_cap
        CoinGecko          | last_updated_at                                                | $epochs        | timestamp
        CoinGecko          | usd_24h_change                                                 | $percents      | ~percent_change_24h
        CoinGecko          | /image/thumb                                                   | $urls          | -
        CoinGecko          | sentiment_votes_up_percentage                                  | 70; 80; 65     | -
        CoinGecko          | genesis_date                                                   | $days          | -
        CoinGecko          | developer_score                                                | 98; 95; 80     | -
        CoinPaprika        | /quotes/USD/price                                              | $prices        | price_usd
        CoinPaprika        | /quotes/USD/volume_24h                                         | $volumes       | volume_24h
        CoinPaprika        | /quotes/USD/market_cap                                         | $caps          | market_cap
        CoinPaprika        | /quotes/USD/percent_change_24h                                 | $percents      | percent_change_24h
        CoinPaprika        | /quotes/KRW/price                                              | $prices        | -
        CoinPaprika        | /quotes/BTC/price                                              | $shares        | -
        CoinPaprika        | /quotes/USD/volume_24h_change_24h                              | $percents      | -
        CoinPaprika        | /quotes/USD/market_cap_change_24h                              | $percents      | -
        CoinPaprika        | /quotes/USD/ath_price                                          | $prices        | -
        CoinPaprika        | /quotes/USD/ath_date                                           | $dates         | -
        CoinPaprika        | /quotes/USD/percent_from_price_ath                             | $percents      | -
        CoinPaprika        | /quotes/USD/percent_change_15m                                 | $percents      | -
        CoinPaprika        | beta_value                                                     | 0.93; 1.22; 1.01 | -
        CoinPaprika        | first_data_at                                                  | $dates         | -
        CoinPaprika        | is_active                                                      | true; true; false | -
        CoinPaprika        | time_close                                                     | $dates         | ~timestamp
        CoinCap            | priceUsd                                                       | $prices        | price_usd
        CoinCap            | marketCapUsd                                                   | $caps          | market_cap
        CoinCap            | volumeUsd24Hr                                                  | $volumes       | volume_24h
        CoinCap            | changePercent24Hr                                              | $percents      | percent_change_24h
        CoinCap            | vwap24Hr                                                       | $prices        | -
        CoinCap            | supply                                                         | $caps          | -
        CoinCap            | maxSupply                                                      | $caps          | -
        CoinCap            | explorer                                                       | $urls          | -
        CoinCap            | rateUsd                                                        | $prices        | ~price_usd
        CoinCap            | currencySymbol                                                 | $; €; £        | ~symbol
        CoinLore           | volume24                                                       | $volumes       | volume_24h
        CoinLore           | volume24a                                                      | $volumes       | ~volume_24h
        CoinLore           | csupply                                                        | $caps          | -
        CoinLore           | msupply                                                        | $caps          | -
        CoinLore           | nameid                                                         | $slugs         | -
        CoinLore           | percent_change_7d                                              | $percents      | -
        Messari            | /metrics/market_data/price_usd                                 | $prices        | price_usd
        Messari            | /metrics/market_data/price_btc                                 | $shares        | ~price_usd
        Messari            | /metrics/market_data/volume_last_24_hours                      | $volumes       | volume_24h
        Messari            | /metrics/market_data/real_volume_last_24_hours                 | $volumes       | ~volume_24h
        Messari            | /metrics/market_data/percent_change_usd_last_24_hours          | $percents      | percent_change_24h
        Messari            | /metrics/market_data/percent_change_btc_last_24_hours          | $percents      | ~percent_change_24h
        Messari            | /metrics/market_data/percent_change_usd_last_1_hour            | $percents      | -
        Messari            | /metrics/market_data/ohlcv_last_1_hour/close                   | $prices        | -
        Messari            | /metrics/marketcap/current_marketcap_usd                       | $caps          | market_cap
        Messari            | /metrics/marketcap/y_2050_marketcap_usd                        | $caps          | ~market_cap
        Messari            | /metrics/marketcap/realized_marketcap_usd                      | $caps          | -
        Messari            | /metrics/marketcap/outstanding_marketcap_usd                   | $caps          | -
        Messari            | /metrics/all_time_high/price                                   | $prices        | -
        Messari            | /metrics/all_time_high/at                                      | $dates         | -
        Messari            | /metrics/market_data/last_trade_at                             | $dates         | ~timestamp
        Messari            | /metrics/market_data/volume_last_24_hours_overstatement_multiple | 1.1; 2; 3      | -
        CryptoCompare      | FROMSYMBOL                                                     | $symbols       | ~symbol
        CryptoCompare      | TOSYMBOL                                                       | USD; USD; USD  | -
        CryptoCompare      | CHANGEPCT24HOUR                                                | $percents      | percent_change_24h
        CryptoCompare      | MKTCAP                                                         | $caps          | market_cap
        CryptoCompare      | LASTUPDATE                                                     | $epochs        | timestamp
        CryptoCompare      | OPEN24HOUR                                                     | $prices        | -
        CryptoCompare      | VOLUMEDAY                                                      | $volumes       | ~volume_24h
        CryptoCompare      | LASTVOLUME                                                     | $volumes       | ~volume_24h
        CryptoCompare      | /RAW/BTC/USD/PRICE                                             | $prices        | price_usd
        CryptoCompare      | /RAW/BTC/EUR/PRICE                                             | $prices        | -
        CryptoCompare      | CoinName                                                       | $names         | name
        CryptoCompare      | FullName                                                       | Bitcoin (BTC); Ethereum (ETH); XRP (XRP) | name
        CryptoCompare      | ImageUrl                                                       | $urls          | -
        CryptoCompare      | ProofType                                                      | PoW; PoS; N/A  | -
        CryptoCompare      | SortOrder                                                      | $ranks         | -
        CryptoCompare      | TotalCoinsMined                                                | $caps          | -
        CryptoCompare      | BuiltOn                                                        | 7605; 7605; 0  | -
        CryptoCompare      | volumefrom                                                     | $volumes       | ~volume_24h
        Nomics             | price_timestamp                                                | $dates         | timestamp
        Nomics             | price_date                                                     | $days          | timestamp
        Nomics             | 1d.volume                                                      | $volumes       | volume_24h
        Nomics             | 7d.volume                                                      | $volumes       | ~volume_24h
        Nomics             | 30d.price_change                                               | $percents      | -
        Nomics             | high_timestamp                                                 | $dates         | -
        Nomics             | logo_url                                                       | $urls          | -
        Nomics             | num_exchanges                                                  | 380; 290; 12   | -
        Nomics             | transparent_market_cap                                         | $caps          | ~market_cap
        Nomics             | first_trade                                                    | $dates         | -
        Binance            | lastPrice                                                      | $prices        | ~price_usd
        Binance            | priceChangePercent                                             | $percents      | ~percent_change_24h
        Binance            | priceChange                                                    | $percents      | -
        Binance            | weightedAvgPrice                                               | $prices        | -
        Binance            | prevClosePrice                                                 | $prices        | -
        Binance            | bidPrice                                                       | $prices        | -
        Binance            | askPrice                                                       | $prices        | -
        Binance            | openPrice                                                      | $prices        | -
        Binance            | quoteVolume                                                    | $volumes       | ~volume_24h
        Binance            | openTime                                                       | $epochs        | -
        Binance            | closeTime                                                      | $epochs        | ~timestamp
        Binance            | firstId                                                        | 301693283; 1; 2 | -
        Binance            | count                                                          | 192852; 20; 1  | -
        Binance            | lastQty                                                        | $volumes       | -
        Kraken             | vwap                                                           | $prices        | -
        Kraken             | trades                                                         | 2; 10; 3       | -
        Kraken             | wsname                                                         | XBT/USD; ETH/USD | -
        Kraken             | altname                                                        | XBTUSD; ETHUSD | -
        Coinbase           | trade_id                                                       | 1; 2; 3        | -
        Coinbase           | base_currency                                                  | $symbols       | ~symbol
        Coinbase           | quote_currency                                                 | USD; USD; USD  | -
        Coinbase           | volume_30d                                                     | $volumes       | ~volume_24h
        Coinbase           | time                                                           | $dates         | timestamp
        Coinbase           | size                                                           | $volumes       | -
        Bitstamp           | unix_timestamp                                                 | $epochs        | ~timestamp
        Bitstamp           | percent_change_24                                              | $percents      | percent_change_24h
        Bitstamp           | open_24                                                        | $prices        | -
        Bitstamp           | pair                                                           | BTC/USD; ETH/USD | -
        Amberdata          | exchangeTimestamp                                              | $dates         | ~timestamp
        Amberdata          | exchangeTimestampNanoseconds                                   | 0; 1; 0        | -
        Amberdata          | insertionTimestamp                                             | $dates         | ~timestamp
        Amberdata          | mid                                                            | $prices        | -
        Amberdata          | baseVolume                                                     | $volumes       | ~volume_24h
        Amberdata          | pair                                                           | bts_usdt; btp_usdt | -
        WazirX             | at                                                             | $epochs        | ~timestamp
        WazirX             | base_unit                                                      | btc; xrp; eth  | -
        WazirX             | sell                                                           | $prices        | -
        LiveCoinWatch      | rate                                                           | $prices        | ~price_usd
        LiveCoinWatch      | cap                                                            | $caps          | ~market_cap
        LiveCoinWatch      | code                                                           | $symbols       | ~symbol
        LiveCoinWatch      | delta.day                                                      | 1.013; 0.98; 1.0 | ~percent_change_24h
        LiveCoinWatch      | allTimeHighUSD                                                 | $prices        | -
        LiveCoinWatch      | png64                                                          | $urls          | -
        LiveCoinWatch      | circulatingSupply                                              | $caps          | -
        CoinCodex          | last_price_usd                                                 | $prices        | price_usd
        CoinCodex          | price_change_1D_percent                                        | $percents      | percent_change_24h
        CoinCodex          | price_change_1H_percent                                        | $percents      | -
        CoinCodex          | price_change_YTD_percent                                       | $percents      | -
        CoinCodex          | volume_24_usd                                                  | $volumes       | volume_24h
        CoinCodex          | last_market_cap_usd                                            | $caps          | market_cap
        CoinCodex          | price_high_24_usd                                              | $prices        | -
        CoinCodex          | today_open                                                     | $prices        | -
        CoinCodex          | initial_price                                                  | $prices        | -
        CoinCodex          | volume_rank                                                    | $ranks         | -
        CoinCodex          | shortname                                                      | $slugs         | -
        CoinCodex          | display_symbol                                                 | $symbols       | ~symbol
        CoinCodex          | last_update                                                    | $epochs        | timestamp
        Yahoo file         | Date                                                           | $days          | timestamp
        Yahoo file         | Close                                                          | $prices        | ~price_usd
        Yahoo file         | Open                                                           | $prices        | -
        Yahoo file         | High                                                           | $prices        | -
        Yahoo file         | Low                                                            | $prices        | -
        Investing.com      | Change %                                                       | 3.60%; -1.20%; 0.05% | ~percent_change_24h
        Investing.com      | Vol.                                                           | 106.30K; 2.1M; 88.1K | volume_24h
        Investing.com      | Price                                                          | 60,309.1; 58,192.5; 59,127.1 | price_usd
        Investing.com      | Date                                                           | Sep 17, 2024; Sep 16, 2024 | timestamp
        Coin Metrics       | PriceUSD                                                       | $prices        | price_usd
        Coin Metrics       | CapMrktCurUSD                                                  | $caps          | market_cap
        Coin Metrics       | CapRealUSD                                                     | $caps          | -
        Coin Metrics       | ReferenceRateUSD                                               | $prices        | ~price_usd
        Coin Metrics       | price(USD)                                                     | $prices        | price_usd
        Coin Metrics       | marketcap(USD)                                                 | $caps          | market_cap
        Coin Metrics       | exchangeVolume(USD)                                            | $volumes       | volume_24h
        Coin Metrics       | txVolume(USD)                                                  | $volumes       | ~volume_24h
        Coin Metrics       | adjustedTxVolume(USD)                                          | $volumes       | ~volume_24h
        Coin Metrics       | medianTxValue(USD)                                             | $prices        | -
        Coin Metrics       | realizedCap(USD)                                               | $caps          | -
        Coin Metrics       | txCount                                                        | $volumes       | -
        Coin Metrics       | fees                                                           | $prices        | -
        Coin Metrics       | averageDifficulty                                              | $caps          | -
        Coin Metrics       | activeAddresses                                                | $volumes       | -
        Coin Metrics       | generatedCoins                                                 | $volumes       | -
        Kaggle candles     | Marketcap                                                      | $caps          | market_cap
        Kaggle candles     | Symbol                                                         | $symbols       | symbol
        Kaggle candles     | Name                                                           | $names         | name
        Kaggle candles     | SNo                                                            | $ranks         | -
        Kaggle candles     | ranknow                                                        | $ranks         | -
        Kaggle candles     | close_ratio                                                    | 0.5438; 0.7813; 0.3 | -
        Kaggle candles     | spread                                                         | $prices        | -
        Kaggle candles     | market                                                         | $caps          | -
        CryptoDataDownload | unix                                                           | $epochs        | ~timestamp
        CryptoDataDownload | Volume BTC                                                     | $volumes       | -
        CryptoDataDownload | Volume USDT                                                    | $volumes       | -
        CryptoDataDownload | tradecount                                                     | 438; 3944; 37  | -
        CryptoDataDownload | volume_quote                                                   | $volumes       | ~volume_24h
        Kaggle bitcoin     | btc_market_price                                               | $prices        | ~price_usd
        Kaggle bitcoin     | btc_market_cap                                                 | $caps          | ~market_cap
        Kaggle bitcoin     | btc_hash_rate                                                  | $volumes       | -
        Kaggle bitcoin     | eth_marketcap                                                  | $caps          | ~market_cap
        Kaggle bitcoin     | eth_supply                                                     | $caps          | -
        Kaggle bitcoin     | Date(UTC)                                                      | 2015-07-30; 2015-07-31 | timestamp
        Kaggle bitcoin     | UnixTimeStamp                                                  | $epochs        | ~timestamp
        Kasparro files     | ticker                                                         | $symbols       | symbol
        Kasparro files     | usd_price                                                      | $prices        | price_usd
        Kasparro files     | tx_volume                                                      | $volumes       | ~volume_24h
        Kasparro files     | created_at                                                     | $dates         | timestamp
        Kasparro files     | data_source                                                    | csv_v2; csv_v2 | -
        Kasparro files     | coin_id                                                        | $slugs         | source_id
        Kasparro files     | change_24h                                                     | $percents      | percent_change_24h
        Kasparro files     | title                                                          | $names         | ~name
        Kasparro files     | value                                                          | $prices        | ~price_usd
        Kasparro files     | category                                                       | cryptocurrency; cryptocurrency | -
        Kasparro files     | description                                                    | Leading cryptocurrency by market cap; Second | -
        Kasparro files     | volume_24h_usd                                                 | $volumes       | volume_24h
        Kasparro files     | price                                                          | $prices        | price_usd
        Kasparro files     | vol                                                            | $volumes       | volume_24h
        Kasparro files     | date                                                           | $days          | timestamp
        Kasparro files     | volume                                                         | $volumes       | volume_24h
        Seed drift         | price_in_usd                                                   | $prices        | price_usd
        Seed drift         | coin_name                                                      | $names         | name
        Seed drift         | vol_24h                                                        | $volumes       | volume_24h
        Seed drift         | market_capitalization                                          | $caps          | market_cap
        Seed drift         | timestamp_unix                                                 | $epochs        | ~timestamp
        Misspelt           | pirce_usd                                                      | $prices        | price_usd
        Misspelt           | price_ussd                                                     | $prices        | ~price_usd
        Misspelt           | volumne_24h                                                    | $volumes       | volume_24h
        Misspelt           | markte_cap                                                     | $caps          | market_cap
        Misspelt           | symobl                                                         | $symbols       | symbol
        Misspelt           | timestmap                                                      | $dates         | timestamp
        Misspelt           | percnt_change_24h                                              | $percents      | percent_change_24h
        Misspelt           | prize_usd                                                      | $prices        | -
        Written by hand    | Price in USD                                                   | $prices        | price_usd
        Written by hand    | USD price                                                      | $prices        | price_usd
        Written by hand    | price $                                                        | $prices        | price_usd
        Written by hand    | price_eur                                                      | $prices        | ~price_usd
        Written by hand    | price €                                                        | € 43,250; € 2,280 | ~price_usd
        Written by hand    | 24 hour volume                                                 | $volumes       | volume_24h
        Written by hand    | trading volume 24h                                             | $volumes       | volume_24h
        Written by hand    | daily_volume                                                   | $volumes       | ~volume_24h
        Written by hand    | weekly_volume                                                  | $volumes       | ~volume_24h
        Written by hand    | mkt cap                                                        | $caps          | market_cap
        Written by hand    | Mkt. Cap.                                                      | $caps          | market_cap
        Written by hand    | pct_chg_24h                                                    | $percents      | percent_change_24h
        Written by hand    | 24h chg %                                                      | $percents      | percent_change_24h
        Written by hand    | change_pct_24h                                                 | $percents      | percent_change_24h
        Written by hand    | yearly_change                                                  | $percents      | -
        Written by hand    | as_of                                                          | $dates         | ~timestamp
        Written by hand    | updated                                                        | $dates         | timestamp
        Written by hand    | modified                                                       | $dates         | timestamp
        Written by hand    | timestamp_ms                                                   | 1734273000123; 1734273060456 | ~timestamp
        Written by hand    | fetched_at                                                     | $dates         | ~timestamp
        Written by hand    | scraped_at                                                     | $dates         | ~timestamp
        Written by hand    | time_zone                                                      | UTC; UTC       | -
        Written by hand    | asset_symbol                                                   | $symbols       | symbol
        Written by hand    | token_symbol                                                   | $symbols       | symbol
        Written by hand    | asset                                                          | $symbols       | ~symbol
        Written by hand    | coin                                                           | $names         | ~name
        Written by hand    | token_name                                                     | $names         | name
        Written by hand    | cryptocurrency_name                                            | $names         | name
        Written by hand    | file_name                                                      | a.csv; b.csv   | -
        Written by hand    | exchange_name                                                  | Binance; Kraken | -
        Written by hand    | user_name                                                      | anna; ben      | -
        Written by hand    | author                                                         | anna; ben      | -
        Written by hand    | target_price                                                   | $prices        | -
        Written by hand    | avg_price_usd                                                  | $prices        | -
        Written by hand    | buy_price                                                      | $prices        | -
        Written by hand    | price_7d_ago                                                   | $prices        | -
        Written by hand    | avg_volume_24h                                                 | $volumes       | -
        Written by hand    | notes                                                          | old; new       | -
        Written by hand    | wallet_address                                                 | 0x7d1afa7b718fb; 0x95ad61b0a150d | -
        Written by hand    | p                                                              | $prices        | -
        Written by hand    | x1                                                             | $prices        | -
        """
}
