/// What the words of field names mean: the one table to extend when a source names things in a new way.
///
/// `TargetPattern.all` says what the meanings are worth for each of our fields.
enum Vocabulary {
    /// What a word is about.
    enum Meaning: Sendable {
        // Facts.
        case price, rate, last, close, value, volume, turnover, market, cap, marketCap, change, percent
        case timestamp, time, date, updated, observed, created, published, fetched, at, epoch
        case symbol, ticker, code, name, title, id, source
        // What a fact is of, in or from.
        case usd, otherCurrency, day, nearDay, otherPeriod
        case entity, currency, trade, transaction, venue, base, quote, total, adjusted, full
        /// Says nothing: `in`, `the`, `current`.
        case filler
        /// A part of a path that only holds others: `data`, `attributes`.
        case container
        /// Known, and of something that no row has: `rank`, `high`, `supply`. It rules a field out for every target.
        case foreign
        /// In no table.
        case unknown
    }

    /// The meaning of a word in lower case; nil when it is in no table.
    static func meaning(of word: String) -> Meaning? { meanings[word] }

    /// The words that a misspelt one can stand for, by their first letter.
    static let byFirstLetter: [UInt8: [String]] = Dictionary(grouping: meanings.keys.filter { $0.utf8.count >= shortestMisspelt }.sorted()) {
        $0.utf8.first ?? 0
    }
    /// Shorter words are too near to each other: `date` and `rate`.
    static let shortestMisspelt = 5

    /// Codes of currencies other than the dollar, for values as well as for names.
    static func isOtherCurrency(_ word: String) -> Bool { meanings[word] == .otherCurrency }
    /// Currencies that no coin is called like, USD included: a column that holds nothing else says what amounts are in.
    static let stateCurrencies = Set(words(stateCurrencyWords) + words(rareCurrencyCodes) + ["usd"])
    /// What coins are traded against, as the second part of `ETHBTC`.
    static let quoteCodes = ["usdt", "usdc", "busd", "tusd", "fdusd", "usd", "btc", "eth", "bnb", "eur", "try", "krw", "inr", "jpy", "gbp"]
    /// The same where a sign stands between the two: `BTC-AUD` names a market, and `PEPECAD` need not.
    static let separatedQuoteCodes = stateCurrencies.union(quoteCodes).union(["dai", "xbt", "eurc", "eurs", "eurt"])
    /// Words of fields that hold the market a record is of.
    static let marketWords: Set<String> = ["pair", "pairs", "market", "markets", "instrument", "inst", "product"]

    /// Letters behind or before a number that make it a period: how many seconds each is.
    static let periodUnits: [String: Int] = [
        "s": 1, "sec": 1, "secs": 1, "second": 1, "seconds": 1,
        "m": 60, "min": 60, "mins": 60, "minute": 60, "minutes": 60,
        "h": 3_600, "hr": 3_600, "hrs": 3_600, "hour": 3_600, "hours": 3_600, "hourto": 3_600,
        "d": 86_400, "day": 86_400, "days": 86_400,
        "w": 604_800, "wk": 604_800, "week": 604_800, "weeks": 604_800,
        "mo": 2_592_000, "mth": 2_592_000, "month": 2_592_000, "months": 2_592_000,
        "y": 31_536_000, "yr": 31_536_000, "year": 31_536_000, "years": 31_536_000,
    ]

    private static let stateCurrencyWords = """
        aed ars aud bdt bgn bhd brl cad chf clp cny cop czk dkk eur gbp gel hkd huf idr ils inr isk jpy krw kwd lkr mmk mxn myr ngn nok nzd php pkr
        pln ron rub sar sek sgd thb try twd uah vef vnd zar
        """
    /// As values only: in names some of them would be other words.
    private static let rareCurrencyCodes = """
        amd azn bob byn crc dop dzd egp ghs gtq hrk iqd irr jmd jod kes khr kzt lbp mad mdl mop npr omr pen pyg qar rsd tzs ugx uyu uzs ves xaf xof
        """

    private static let table: [(Meaning, String)] = [
        (.price, "price pric prices px"),
        (.rate, "rate rates"),
        (.last, "last latest lst"),
        (.close, "close closing closed cls"),
        (.value, "value val amount"),
        (.volume, "volume volumes vol vols"),
        (.turnover, "turnover"),
        (.market, "market mkt mrkt markets"),
        (.cap, "cap caps capitalization capitalisation capital capit"),
        (.marketCap, "marketcap mktcap mcap"),
        (.change, "change changes chg chng delta diff movement"),
        (.percent, "percent percentage pct perc pcnt prct prc percentual"),
        (.timestamp, "timestamp timestamps tstamp datetime ts"),
        (.time, "time"),
        (.date, "date"),
        (.updated, "updated update modified refreshed"),
        (.observed, "observed recorded sampled snapped snapshot"),
        (.created, "created"),
        (.published, "published pub"),
        (.fetched, "fetched fetch ingested ingestion inserted insertion scraped retrieved received imported loaded crawled extracted processed"),
        (.at, "at"),
        (.epoch, "epoch unix ms millis milliseconds sec seconds ns nanos nanoseconds micros"),
        (.symbol, "symbol symbols symb sym"),
        (.ticker, "ticker tickers tkr"),
        (.code, "code abbreviation abbr"),
        (.name, "name names nm"),
        (.title, "title"),
        (.id, "id ids uuid uid identifier"),
        (.source, "source src"),
        (.usd, "usd dollar dollars usdollar usdollars"),
        (.otherCurrency, stateCurrencyWords),
        (
            .otherCurrency,
            "btc xbt bitcoin eth ether ethereum bnb ltc litecoin xrp bch sol usdt tether usdc busd tusd fdusd dai sat sats satoshi satoshis"
        ),
        (.otherCurrency, "euro euros pound pounds yen won rupee rupees ruble rubles yuan gold silver xau xag native wei gwei"),
        (.nearDay, "daily today day"),
        (.otherPeriod, "hourly hour hours minute minutes week weekly month monthly year yearly annual ytd mtd days weeks months years"),
        (.entity, "coin coins crypto cryptocurrency cryptocurrencies asset assets token tokens project"),
        (.currency, "currency currencies"),
        (.trade, "trade trades traded trading"),
        (.transaction, "tx txn transaction transactions"),
        (.venue, "exchange exchanges venue"),
        (.base, "base from"),
        (.quote, "quote quotes quoted to vs counter"),
        (.total, "total overall sum"),
        (.adjusted, "adjusted adj reported"),
        (.full, "full long"),
        (.filler, "in of the per as is us utc gmt iso current curr cur now spot fiat based denominated figure"),
        (
            .container,
            "data item items result results metrics metric attributes attribute raw stats statistics info response payload list record records"
        ),
        (.container, "row rows entry entries content properties details detail summary body values"),
        (.foreign, "rank ranking ranks position no sno number num count"),
        (
            .foreign,
            "high highest low lowest open opening opened max maximum min minimum peak ath atl avg average mean median weighted vwap twap wavg"
        ),
        (.foreign, "bid ask offer mid buy sell buying selling spread best depth liquidity reserve reserves interest funding size qty quantity lot"),
        (.foreign, "supply circulating available issued outstanding diluted fully fdv fdmc valuation dilution locked tvl staked burned minted"),
        (.foreign, "roi roe apy apr yield dominance share ratio beta volatility sharpe score rating risk trust sentiment confidence liquid"),
        (.foreign, "image images icon logo png img picture thumb thumbnail url uri link links href website homepage explorer color colour"),
        (.foreign, "address contract platform chain network protocol blockchain algorithm algo consensus wallet decimals precision"),
        (.foreign, "category categories tag tags type kind class sector status state tier description desc comment comments note notes"),
        (
            .foreign,
            "author creator owner user username email phone country city language locale company organisation organization file filename sheet"
        ),
        (
            .foreign,
            "start started begin first genesis launch launched listed listing added joined expires expiry expired end ended birth founded ico ieo"
        ),
        (.foreign, "timezone zone interval period duration elapsed frequency granularity age delay latency timeout offset ttl"),
        (.foreign, "previous prev prior yesterday ago old before next forecast predicted prediction target expected estimate estimated"),
        (.foreign, "fee fees tax cost gas hash hashrate difficulty block blocks height nonce miner miners addresses active holders realized"),
        (.foreign, "pair pairs instrument product pool slug initial"),
        (.foreign, "times cent cents charge chance prime prize pride slice false true enabled flag"),
        (.foreign, "coingecko coinmarketcap coinpaprika coincap cmc cryptocompare messari binance coinbase kraken"),
    ]

    private static let meanings: [String: Meaning] = Dictionary(
        table.flatMap { meaning, list in words(list).map { ($0, meaning) } },
        // The first line that has a word decides:
        uniquingKeysWith: { first, _ in first }
    )

    private static func words(_ list: String) -> [String] { list.split(whereSeparator: \.isWhitespace).map(String.init) }
}
