/// Names of real providers that were written down before the mapper was tuned; the format is that of `Renames.table`.
extension Renames {
    static let heldOut = """
        CoinRanking     | price                                         | $prices      | price_usd
        CoinRanking     | marketCap                                     | $caps        | market_cap
        CoinRanking     | 24hVolume                                     | $volumes     | volume_24h
        CoinRanking     | change                                        | $percents    | ~percent_change_24h
        CoinRanking     | btcPrice                                      | $shares      | ~price_usd
        CoinRanking     | iconUrl                                       | $urls        | -
        CoinRanking     | listedAt                                      | $epochs      | -
        CoinRanking     | tier                                          | 1; 1; 2      | -
        CoinRanking     | uuid                                          | Qwsogvtv82FCd; razxDUgYGNAdQ; HIVsRcGKkPFtW | -
        CoinStats       | priceBtc                                      | $shares      | ~price_usd
        CoinStats       | priceChange1h                                 | $percents    | -
        CoinStats       | priceChange1d                                 | $percents    | ~percent_change_24h
        CoinStats       | priceChange1w                                 | $percents    | -
        CoinStats       | availableSupply                               | $caps        | -
        CoinStats       | contractAddress                               | 0x7d1afa7b718fb; 0x95ad61b0a150d; 0xb8c77482e45f1 | -
        DexScreener     | /priceUsd                                     | $prices      | price_usd
        DexScreener     | /priceNative                                  | $shares      | ~price_usd
        DexScreener     | /volume/h24                                   | $volumes     | volume_24h
        DexScreener     | /volume/h6                                    | $volumes     | ~volume_24h
        DexScreener     | /priceChange/h24                              | $percents    | ~percent_change_24h
        DexScreener     | /liquidity/usd                                | $volumes     | -
        DexScreener     | /fdv                                          | $caps        | -
        DexScreener     | /marketCap                                    | $caps        | market_cap
        DexScreener     | /pairCreatedAt                                | $epochs      | -
        DexScreener     | /baseToken/symbol                             | $symbols     | ~symbol
        DexScreener     | /quoteToken/symbol                            | USDC; SOL; USDC | -
        GeckoTerminal   | /attributes/base_token_price_usd              | $prices      | ~price_usd
        GeckoTerminal   | /attributes/quote_token_price_usd             | $prices      | -
        GeckoTerminal   | /attributes/volume_usd/h24                    | $volumes     | volume_24h
        GeckoTerminal   | /attributes/market_cap_usd                    | $caps        | market_cap
        GeckoTerminal   | /attributes/fdv_usd                           | $caps        | -
        GeckoTerminal   | /attributes/price_change_percentage/h24       | $percents    | percent_change_24h
        GeckoTerminal   | /attributes/pool_created_at                   | $dates       | -
        GeckoTerminal   | /attributes/reserve_in_usd                    | $volumes     | -
        CoinAPI         | volume_1day_usd                               | $volumes     | volume_24h
        CoinAPI         | volume_1hrs_usd                               | $volumes     | ~volume_24h
        CoinAPI         | volume_1mth_usd                               | $volumes     | ~volume_24h
        CoinAPI         | data_quote_start                              | $dates       | -
        CoinAPI         | type_is_crypto                                | 1; 1; 0      | -
        CoinAPI         | time_exchange                                 | $dates       | ~timestamp
        OKX             | last                                          | $prices      | ~price_usd
        OKX             | lastSz                                        | 0.01; 12; 3  | -
        OKX             | askPx                                         | $prices      | -
        OKX             | open24h                                       | $prices      | -
        OKX             | volCcy24h                                     | $volumes     | ~volume_24h
        OKX             | ts                                            | $epochs      | timestamp
        OKX             | instId                                        | BTC-USDT; ETH-USDT; XRP-USDT | -
        KuCoin          | changeRate                                    | 0.0128; -0.0201; 0.0007 | ~percent_change_24h
        KuCoin          | changePrice                                   | $percents    | -
        KuCoin          | volValue                                      | $volumes     | ~volume_24h
        KuCoin          | averagePrice                                  | $prices      | -
        KuCoin          | takerFeeRate                                  | 0.001; 0.001; 0.001 | -
        Bybit           | price24hPcnt                                  | 0.0128; -0.0201; 0.0007 | ~percent_change_24h
        Bybit           | turnover24h                                   | $volumes     | ~volume_24h
        Bybit           | prevPrice24h                                  | $prices      | -
        Bybit           | markPrice                                     | $prices      | ~price_usd
        Bybit           | fundingRate                                   | 0.0001; 0.0001; -0.0002 | -
        Bybit           | openInterest                                  | $volumes     | -
        Bybit           | highPrice24h                                  | $prices      | -
        Upbit           | trade_price                                   | 61200000; 3200000; 712 | ~price_usd
        Upbit           | signed_change_rate                            | 0.0128; -0.0201; 0.0007 | ~percent_change_24h
        Upbit           | trade_timestamp                               | $epochs      | ~timestamp
        Yahoo           | regularMarketPrice                            | $prices      | ~price_usd
        Yahoo           | regularMarketTime                             | $epochs      | ~timestamp
        Yahoo           | regularMarketChangePercent                    | $percents    | ~percent_change_24h
        Yahoo           | shortName                                     | Bitcoin USD; Ethereum USD; XRP USD | ~name
        Yahoo           | Adj Close                                     | $prices      | ~price_usd
        Twelve Data     | percent_change                                | $percents    | ~percent_change_24h
        Twelve Data     | datetime                                      | $dates       | timestamp
        Twelve Data     | exchange                                      | Coinbase; Kraken; Binance | -
        Tiingo          | baseCurrency                                  | btc; eth; xrp | ~symbol
        DefiLlama       | confidence                                    | 0.99; 0.99; 0.98 | -
        DefiLlama       | decimals                                      | 8; 18; 6     | -
        DefiLlama       | tvl                                           | $caps        | -
        WorldCoinIndex  | Label                                         | BTC/BTC; ETH/BTC; XRP/BTC | ~symbol
        WorldCoinIndex  | Name                                          | $names       | name
        WorldCoinIndex  | Price_btc                                     | $shares      | ~price_usd
        WorldCoinIndex  | Price_usd                                     | $prices      | price_usd
        WorldCoinIndex  | Volume_24h                                    | $volumes     | volume_24h
        WorldCoinIndex  | Timestamp                                     | $epochs      | timestamp
        Kaggle          | Crypto Name                                   | $names       | name
        Kaggle          | Ticker                                        | $symbols     | symbol
        Kaggle          | Price (USD)                                   | $prices      | price_usd
        Kaggle          | 24h Volume (USD)                              | $volumes     | volume_24h
        Kaggle          | Market Cap ($)                                | $caps        | market_cap
        Kaggle          | Price in EUR                                  | $prices      | ~price_usd
        Kaggle          | 24h Change (%)                                | $percents    | percent_change_24h
        Kaggle          | Circulating Supply                            | $caps        | -
        Kaggle          | Last Updated                                  | $dates       | timestamp
        Kaggle          | Token                                         | $symbols     | ~symbol
        Kaggle          | Rank                                          | 1; 2; 3      | -
        Kaggle          | date_time                                     | $dates       | timestamp
        Kaggle          | crypto_symbol                                 | $symbols     | symbol
        Kaggle          | mktcap                                        | $caps        | market_cap
        Kaggle          | Exchange                                      | Binance; Binance; Kraken | -
        """
}
