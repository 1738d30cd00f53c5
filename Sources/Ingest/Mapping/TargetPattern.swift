/// What a name has to say to be one of our fields: the one table of scores (spec section 4).
///
/// A name starts with the score of its head, the words that make it this fact, and loses what its other words and its silence cost. A word that has a
/// meaning but is not in the pattern rules the target out: `price_high` is no price. 80 is enough to be applied, 50 to be shown.
struct TargetPattern: Sendable {
    typealias Meaning = Vocabulary.Meaning

    /// Words that make a name this fact.
    struct Head: Sendable {
        let words: Set<Meaning>
        let score: Int
        /// What words cost with this head, other than in the pattern.
        let costs: [Meaning: Int]

        init(_ words: Set<Meaning>, _ score: Int, costs: [Meaning: Int] = [:]) {
            self.words = words
            self.score = score
            self.costs = costs
        }
    }

    /// What a name should say, and what it costs when it says none of it.
    struct Wanted: Sendable {
        let oneOf: Set<Meaning>
        let cost: Int
        /// For people, after "the name says no".
        let what: String
    }

    /// The best one counts.
    let heads: [Head]
    /// Words that may be there and change nothing.
    let free: Set<Meaning>
    /// Words that raise doubts.
    let costs: [Meaning: Int]
    /// Words that raise doubts while the name does not say dollars, even if they are free.
    var costsWithoutDollars: [Meaning: Int] = [:]
    var wanted: [Wanted] = []
    /// Whether the value is money, or a change of money: it is then never taken from below the key of another currency.
    var isMoney = false
    /// Whether it says which coin the record is of: then it is not taken from what is said about a market, a venue or another coin.
    var isText = false

    /// A word that is in no table.
    static let unknownCost = 30
    /// The same in a part of a path that only leads to the field.
    static let unknownParentCost = 20
    /// A word with one letter wrong.
    static let misspeltCost = 8
    /// Each step down from the record, three at most: of two fields that say the same the record's own comes first.
    static let depthCost = 2
    /// What the other fields of the record say against a name that would be applied; it is still shown then.
    static let contextCost = 30
    /// No name is as good as an exact one.
    static let best = 98

    /// By `TickerField.ordinal`.
    static let all: [TargetPattern] = [symbol, name, price, volume, marketCap, percentChange, timestamp, sourceID]

    private static let price = TargetPattern(
        heads: [
            Head([.price], best), Head([.close], 78), Head([.rate], 78), Head([.last], 70), Head([.value], 68),
        ],
        free: [.filler, .entity, .currency, .usd, .market, .value],
        costs: [
            .otherCurrency: 38, .last: 6, .rate: 6, .close: 20, .trade: 10, .venue: 15, .quote: 20, .base: 30, .total: 20, .adjusted: 20, .day: 25,
            .nearDay: 25,
        ],
        wanted: [Wanted(oneOf: [.usd, .otherCurrency], cost: 14, what: "currency")],
        isMoney: true
    )

    private static let volume = TargetPattern(
        heads: [Head([.volume], best), Head([.turnover], 66)],
        free: [.filler, .entity, .currency, .usd, .total, .trade, .venue, .day],
        costs: [
            .otherCurrency: 38, .otherPeriod: 36, .nearDay: 20, .transaction: 4, .market: 4, .last: 6, .value: 12, .quote: 20, .base: 30,
            .adjusted: 25,
        ],
        // `coin_volume_24h` may be an amount of coins.
        costsWithoutDollars: [.entity: 20],
        wanted: [Wanted(oneOf: [.day, .nearDay, .otherPeriod], cost: 16, what: "period")],
        isMoney: true
    )

    private static let marketCap = TargetPattern(
        heads: [Head([.market, .cap], best), Head([.marketCap], best), Head([.cap], 68)],
        free: [.filler, .entity, .currency, .usd, .value, .market],
        costs: [.otherCurrency: 38, .last: 6, .total: 30, .day: 20, .nearDay: 25, .adjusted: 30],
        isMoney: true
    )

    private static let percentChange = TargetPattern(
        heads: [
            Head([.change, .percent], best),
            // A change of a price may be money as well as percent.
            Head([.change], 90, costs: [.price: 22, .value: 20, .usd: 12]),
            Head([.percent], 74),
        ],
        free: [.filler, .entity, .usd, .day, .last, .price, .value],
        costs: [.currency: 3, .otherCurrency: 38, .nearDay: 22, .otherPeriod: 55, .rate: 4, .market: 12, .total: 20],
        wanted: [Wanted(oneOf: [.day, .nearDay, .otherPeriod], cost: 26, what: "period")],
        isMoney: true
    )

    private static let timestamp = TargetPattern(
        heads: [
            Head([.timestamp], best), Head([.time, .date], 95), Head([.time], 90), Head([.updated], 90), Head([.date], 88), Head([.observed], 86),
            // It may be when the coin was made: only the bare name of the record's own is enough.
            Head([.created], 81, costs: [.entity: 25, .currency: 25, .market: 25, .price: 5, .time: 10, .date: 10, .timestamp: 10]),
            Head([.published], 76), Head([.epoch], 70), Head([.fetched], 60), Head([.at], 52),
        ],
        free: [.filler, .entity, .currency, .at, .last, .updated, .observed, .timestamp, .time, .date, .price, .market, .container],
        costs: [
            // When it was fetched is not when it was so (spec section 3).
            .fetched: 30, .epoch: 30, .close: 25, .venue: 20, .trade: 20, .quote: 18, .otherCurrency: 15, .created: 25, .published: 10, .usd: 5,
        ]
    )

    private static let symbol = TargetPattern(
        heads: [Head([.symbol], best), Head([.ticker], 92), Head([.code], 72), Head([.entity], 62), Head([.currency], 62)],
        free: [.filler, .entity, .ticker],
        // The symbol of a currency may be its sign.
        costs: [.currency: 20, .code: 6, .full: 8, .base: 25, .trade: 25, .market: 25, .name: 25, .venue: 40],
        isText: true
    )

    private static let name = TargetPattern(
        heads: [Head([.name], best), Head([.title], 62), Head([.entity], 60), Head([.currency], 60)],
        free: [.filler, .entity, .currency, .full],
        costs: [.base: 25, .symbol: 25, .ticker: 25, .trade: 30, .market: 30],
        isText: true
    )

    /// Only from names that leave no doubt: an id is part of what a row is.
    private static let sourceID = TargetPattern(
        heads: [Head([.source, .id], best), Head([.entity, .id], 86), Head([.currency, .id], 86)],
        free: [.filler],
        costs: [:],
        isText: true
    )
}
