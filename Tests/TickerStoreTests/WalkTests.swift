import MarketData
import TestSupport
import Testing

@testable import TickerStore

/// The promise of every list (spec section 9): sorts by timestamp, symbol and source give each row that existed at the start of a walk exactly
/// once, under inserts, updates, compaction and restarts; sorts by a number, exactly once each row that was not updated meanwhile.
///
/// `KASPARRO_SEED` gives the same walks again.
@Suite struct WalkTests {
    @Test(arguments: RowOrder.all, [SortDirection.ascending, .descending])
    func aWalkForthAndBackMeetsEachRowOnce(order: RowOrder, direction: SortDirection) throws {
        for round in 0..<2 {
            let seed = LongRound.seed &+ UInt64(round)
            var walk = try Walk(order, direction, seed: seed)
            var problems: [String] = []
            walk.store.report = { problems.append($0) }
            try walk.run(isBackward: false, &problems)
            try walk.run(isBackward: true, &problems)
            #expect(problems.isEmpty, "KASPARRO_SEED=\(seed), \(order.name) \(direction): \(problems.joined(separator: "; "))")
        }
    }
}

/// A reader, and what happens to the store between its pages.
private struct Walk {
    let store: StoreUnderTest
    private let order: RowOrder
    private let direction: SortDirection
    private var maker: BatchMaker
    private var updated: Set<String> = []

    init(_ order: RowOrder, _ direction: SortDirection, seed: UInt64) throws {
        store = try StoreUnderTest(keepsForEver: true)
        (self.order, self.direction) = (order, direction)
        maker = BatchMaker(seed: seed)
        for _ in 0..<25 {
            try disturb()
            store.pass(milliseconds: 61_000)
        }
    }

    private static func identity(_ row: TestRow) -> String { "\(row.key)@\(Timestamp(milliseconds: row.milliseconds))" }

    /// As it can be told from a line.
    private static func identity(_ line: String) -> String {
        let parts = line.split(separator: "\"")
        func value(_ name: Substring) -> Substring { parts[parts.firstIndex(of: name)! + 2] }
        return "\(value("symbol"))/\(value("source"))/\(value("source_id"))@\(value("timestamp"))"
    }

    mutating func run(isBackward: Bool, _ problems: inout [String]) throws {
        updated = []
        let before = store.model.sorted
        var query = RowQuery()
        query.order = order
        query.direction = isBackward ? direction.reversed : direction
        query.hasNullsFirst = isBackward
        var times: [String: Int] = [:]
        while true {
            query.limit = maker.pick(1..<40)
            let page = try store.snapshot.page(query)
            for line in page.lines { times[Self.identity(line), default: 0] += 1 }
            guard page.hasMore else { break }
            query.after = page.last
            for _ in 0..<maker.pick(0..<3) { try disturb() }
        }
        for row in before {
            let count = times[Self.identity(row)] ?? 0
            if order.field != nil, updated.contains(Self.identity(row)) { continue }
            if count != 1 { problems.append("\(Self.identity(row)) was met \(count) times\(isBackward ? " on the way back" : "")") }
        }
        if order.field == nil, let twice = times.first(where: { $0.value > 1 }) { problems.append("\(twice.key) was met \(twice.value) times") }
    }

    /// Inserts, updates, sealing, merging, a restart.
    private mutating func disturb() throws {
        switch maker.pick(0..<10) {
        case 0:
            store.want(seal: true)
            try store.work()
        case 1:
            store.want(seal: true, merger: true)
            try store.work()
        case 2: try store.restart()
        case 3:
            try store.close()
            try store.restart()
        default:
            let batch = maker.make(rows: 1..<24, now: store.now)
            for row in batch.rows { updated.insert(Self.identity(row)) }
            store.commit([batch])
        }
    }
}
