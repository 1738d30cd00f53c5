import MarketData

/// The series of the store: dense numbers for keys, and their rank in key order.
///
/// Numbers are given in order of appearance and mean nothing outside this process. Ranks change when a series comes in
/// between, but never the order of two series: what was sorted by rank stays sorted.
struct SeriesTable: Sendable {
    private(set) var keys: [SeriesKey] = []
    /// Rank by series number.
    private(set) var rank: [UInt32] = []
    /// Series number by rank.
    private(set) var byRank: [UInt32] = []
    private var numbers: [SeriesKey: UInt32] = [:]
    private(set) var sources = SeriesSources()

    var count: Int { keys.count }

    /// The number of a key; nil when it has none.
    func number(of key: SeriesKey) -> UInt32? { numbers[key] }

    init() {}

    /// The series of one segment, under their numbers there. Nothing can be added: they are not hashed, which opening would spend most of its time with.
    init(onlyOf segment: Segment) {
        keys = (0..<segment.seriesCount).map(segment.seriesKey)
        rank = (0..<segment.seriesCount).map(UInt32.init)
        byRank = rank
    }

    /// The numbers of the given keys; new ones are added.
    mutating func numbers(for wanted: [SeriesKey]) -> [UInt32] {
        let before = keys.count
        let result = wanted.map { key in
            if let number = numbers[key] { return number }
            let number = UInt32(keys.count)
            keys.append(key)
            numbers[key] = number
            sources.append(key.source)
            return number
        }
        if keys.count > before { rankNewcomers(from: before) }
        return result
    }

    /// The number of each series of a segment, by its number there; new ones are added.
    ///
    /// Both lists are sorted, so they are walked side by side: hashing thousands of keys a segment would make opening slow.
    mutating func numbers(for segment: Segment) -> [UInt32] {
        var result = [UInt32](repeating: 0, count: segment.seriesCount)
        var unknown: [Int] = []
        var position = 0
        for local in 0..<segment.seriesCount {
            var order = -1
            while position < byRank.count {
                order = segment.compareSeries(local, with: keys[Int(byRank[position])])
                if order <= 0 { break }
                position += 1
            }
            if position < byRank.count, order == 0 {
                result[local] = byRank[position]
            } else {
                unknown.append(local)
            }
        }
        let added = numbers(for: unknown.map(segment.seriesKey))
        for (local, number) in zip(unknown, added) { result[local] = number }
        return result
    }

    private mutating func rankNewcomers(from first: Int) {
        let newcomers = (first..<keys.count).map(UInt32.init).sorted { keys[Int($0)] < keys[Int($1)] }
        var merged: [UInt32] = []
        merged.reserveCapacity(keys.count)
        var next = 0
        for old in byRank {
            while next < newcomers.count, keys[Int(newcomers[next])] < keys[Int(old)] {
                merged.append(newcomers[next])
                next += 1
            }
            merged.append(old)
        }
        merged.append(contentsOf: newcomers[next...])
        byRank = merged
        rank = [UInt32](repeating: 0, count: keys.count)
        for (position, number) in merged.enumerated() { rank[Int(number)] = UInt32(position) }
    }

    /// The series of a symbol, as places in `byRank`.
    func ranks(ofSymbol symbol: [UInt8]) -> Range<Int> {
        func order(_ place: Int) -> Int {
            keys[Int(byRank[place])].symbol.withUnsafeBytes { a in symbol.withUnsafeBytes { b in compareBytes(a, b) } }
        }
        let first = partition(byRank.indices) { order($0) >= 0 }
        return first..<partition(first..<byRank.count) { order($0) > 0 }
    }

    /// Where a key stands among the ranks: `2 * rank + 1` for a known key, `2 * (number of smaller keys)` for an unknown one.
    /// Comparing this with `2 * rank + 1` of a row compares the keys.
    func position(of key: SeriesKey) -> Int {
        var low = 0
        var high = byRank.count
        while low < high {
            let middle = (low + high) / 2
            if keys[Int(byRank[middle])] < key { low = middle + 1 } else { high = middle }
        }
        if low < byRank.count, keys[Int(byRank[low])] == key { return 2 * low + 1 }
        return 2 * low
    }
}
