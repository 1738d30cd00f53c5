import MarketData

/// The prices of one stretch of time.
struct PriceBucket: Equatable, Sendable {
    var start: Timestamp
    /// Literals as stored. Of equal prices the one that came first in the walk stays.
    var open, high, low, close: [UInt8]
    /// Rows; a source's ticker is looked at now and then, so these are no trades.
    var samples = 1

    fileprivate init(start: Timestamp, price: [UInt8]) {
        self.start = start
        (open, high, low, close) = (price, price, price, price)
    }

    /// - Parameter isLater: Whether the price is later than those that were added before; else it is earlier.
    fileprivate mutating func add(_ price: Span<UInt8>, isLater: Bool) {
        samples += 1
        func copy() -> [UInt8] { price.withUnsafeBufferPointer { Array($0) } }
        if DecimalLiteral.compare(price, high.span) > 0 { high = copy() }
        if DecimalLiteral.compare(price, low.span) < 0 { low = copy() }
        if isLater { close = copy() } else { open = copy() }
    }
}

/// Folds the prices of a series, which come in time order, one way or the other, into buckets. Stretches without a price have no bucket.
struct PriceBuckets: Sendable {
    let interval: PriceInterval
    let isAscending: Bool
    let limit: Int
    /// In the order of the walk. The last one may go on, unless the walk has ended.
    private(set) var buckets: [PriceBucket] = []
    private var bounds = Timestamp(milliseconds: .max)..<Timestamp(milliseconds: .max)

    init(_ interval: PriceInterval, isAscending: Bool, limit: Int) {
        self.interval = interval
        self.isAscending = isAscending
        self.limit = limit
    }

    /// Whether a price at this time goes on with the last bucket.
    func continues(at time: Timestamp) -> Bool { bounds.contains(time) }

    /// Takes the next price.
    ///
    /// - Returns: false, and nothing is taken, when the price is of a bucket too many.
    mutating func add(_ price: Span<UInt8>, at time: Timestamp) -> Bool {
        if continues(at: time) {
            buckets[buckets.count - 1].add(price, isLater: isAscending)
            return true
        }
        if buckets.count == limit { return false }
        let start = interval.start(of: time)
        bounds = start..<interval.end(from: start)
        buckets.append(PriceBucket(start: start, price: price.withUnsafeBufferPointer { Array($0) }))
        return true
    }
}
