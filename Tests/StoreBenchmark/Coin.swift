import MarketData

/// A made-up coin whose price wanders.
struct Coin {
    let key: SeriesKey
    let name: [UInt8]
    /// The price without its point, and the digits behind that.
    private var price: Int
    private let decimals: Int
    private let supply: Int
    private var change = 0

    init(number: Int, random: inout SplitMix64) {
        // Letters that make neighbours in number no neighbours in order.
        let letters = [UInt8]("KTAQZMBEXLRVCHSNDPJU".utf8)
        var rest = number &* 7 &+ 11
        var symbol: [UInt8] = []
        for _ in 0..<3 {
            symbol.append(letters[rest % 20])
            rest /= 20
        }
        symbol += "\(number % 10)".utf8
        let word = String(decoding: symbol, as: UTF8.self)
        key = SeriesKey(symbol: word, source: "coinpaprika", sourceID: word.lowercased() + "-coin-\(number)")
        name = [UInt8]("Coin \(word) \(number)".utf8)
        price = random.below(90_000_000) + 10_000_000
        decimals = random.below(8) + 2
        supply = random.below(900_000) + 1_000
    }

    /// Moves the price by up to two percent.
    mutating func step(_ random: inout SplitMix64) {
        change = random.below(401) - 200
        let moved = price / 10_000 * (10_000 + change) + random.below(10_000)
        price = moved > 999_999_999 || moved < 1_000_000 ? 50_000_000 : moved
    }

    /// What the coin says of itself now: literals.
    func write(to row: inout HistoryRow, _ random: inout SplitMix64) {
        row.price.removeAll(keepingCapacity: true)
        row.price.append(number: price, decimals: decimals)
        row.volume.removeAll(keepingCapacity: true)
        row.volume.append(number: price / 100 * (supply + random.below(supply)), decimals: 0)
        row.marketCap.removeAll(keepingCapacity: true)
        row.marketCap.append(number: price * supply, decimals: 0)
        row.percentChange.removeAll(keepingCapacity: true)
        row.percentChange.append(number: change, decimals: 2)
    }
}

extension [UInt8] {
    /// Appends a decimal number; the last `decimals` digits of `number` stand behind the point.
    fileprivate mutating func append(number: Int, decimals: Int) {
        if number < 0 { append(UInt8(ascii: "-")) }
        let start = count
        var rest = number.magnitude
        var digits = 0
        // Backwards; turned around at the end.
        while rest > 0 || digits <= decimals {
            if digits == decimals, decimals > 0 { append(UInt8(ascii: ".")) }
            append(UInt8(ascii: "0") + UInt8(rest % 10))
            rest /= 10
            digits += 1
        }
        self[start...].reverse()
    }
}

/// A seeded random source (Steele, Lea and Flood, "Fast splittable pseudorandom number generators").
struct SplitMix64: RandomNumberGenerator {
    private var state: UInt64

    init(seed: UInt64) { state = seed }

    mutating func next() -> UInt64 {
        state &+= 0x9E37_79B9_7F4A_7C15
        var mixed = state
        mixed = (mixed ^ (mixed >> 30)) &* 0xBF58_476D_1CE4_E5B9
        mixed = (mixed ^ (mixed >> 27)) &* 0x94D0_49BB_1331_11EB
        return mixed ^ (mixed >> 31)
    }

    mutating func below(_ limit: Int) -> Int { Int(next() % UInt64(limit)) }
}
