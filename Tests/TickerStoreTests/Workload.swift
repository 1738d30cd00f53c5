import MarketData
import TestSupport

@testable import TickerStore

/// Makes batches at random: new rows, late ones, repeated ones, updates, records of the other families.
struct BatchMaker {
    var random: SplitMix64
    private var number = 0
    /// Rows made before, to be repeated or updated.
    private var known: [TestRow] = []

    private static let day: Int64 = 86_400_000

    init(seed: UInt64) { random = SplitMix64(seed: seed) }

    mutating func pick(_ range: Range<Int>) -> Int { Int.random(in: range, using: &random) }

    /// - Parameter now: Of the store's clock; new rows are about as old as that.
    mutating func make(rows: Range<Int>, now: Int64) -> TestBatch {
        number += 1
        var batch = TestBatch(number: number, fetchedAt: now)
        for _ in 0..<pick(rows) { batch.rows.append(row(now)) }
        if pick(0..<3) == 0 { batch.quarantined = (0..<pick(1..<4)).map { _ in pick(0..<60) } }
        if pick(0..<3) == 0 { batch.removed = (0..<pick(1..<5)).map { _ in pick(0..<60) } }
        if pick(0..<4) == 0 { batch.records.append(LineRecord(family: .runs, position: Int64(number), line: Array(#"{"run":\#(number)}"#.utf8))) }
        if pick(0..<4) == 0, let row = batch.rows.first {
            let members = #""outlier":\#(number),"symbol":"\#(row.symbol)","source":"\#(row.source)","source_id":"\#(row.sourceID ?? row.symbol)""#
            let line = #"{\#(members),"timestamp":"\#(Timestamp(milliseconds: row.milliseconds))"}"#
            batch.records.append(LineRecord(family: .outliers, series: row.key, position: row.milliseconds, line: Array(line.utf8)))
        }
        return batch
    }

    private mutating func row(_ now: Int64) -> TestRow {
        if !known.isEmpty, pick(0..<3) == 0 {
            var row = known[pick(max(0, known.count - 200)..<known.count)]
            if pick(0..<3) > 0 { row.price = String(pick(1..<1_000)) }
            return row
        }
        var row = TestRow(symbol: "C\(pick(0..<6))", source: pick(0..<4) == 0 ? "api" : "csv", milliseconds: now / 1_000 * 1_000)
        if pick(0..<3) == 0 { row.sourceID = "id\(pick(0..<2))" }
        row.price = String(pick(1..<1_000))
        switch pick(0..<8) {
        case 0: row.milliseconds -= Int64(pick(0..<1_000)) * Self.day
        case 1: row.milliseconds -= Int64(pick(0..<90 * 86_400_000))
        case 2: row.milliseconds += Int64(pick(0..<1_000))
        default: row.milliseconds -= Int64(pick(0..<40)) * 60_000
        }
        (row.volume, row.percentChange) = (NaiveOrder.literal(of: row, salt: 1), NaiveOrder.literal(of: row, salt: 2))
        if row.volume.hasPrefix("-") { row.volume = "null" }
        known.append(row)
        return row
    }
}

/// A fixed course of events in which every kind of work happens, and commits come in the middle of it.
enum Workload {
    static let steps = 14

    /// - Parameters:
    ///   - steps: How far to go.
    ///   - goesOn: Whether a failure is followed by the next step, as in a server, as long as the store is not poisoned.
    static func run(_ store: StoreUnderTest, seed: UInt64, steps: Int = Workload.steps, goesOn: Bool = false) throws {
        var maker = BatchMaker(seed: seed)
        func attempt(_ work: () throws -> Void) throws {
            do { try work() } catch let error as StoreError { if !goesOn || store.isPoisoned { throw error } }
        }
        func commit(_ batches: Int = 1) { store.commit((0..<batches).map { _ in maker.make(rows: 1..<10, now: store.now) }) }
        for step in 0..<steps {
            store.pass(milliseconds: 61_000)
            commit(1 + step % 3)
            switch step {
            case 2: store.idle()
            case 5: store.pass(milliseconds: 35 * 86_400_000)
            case 6: try attempt { try store.backup() }
            case 8 where !goesOn: try store.restart()
            case 10 where !goesOn:
                try store.close()
                try store.restart()
            case 9: store.pass(milliseconds: 1_000 * 86_400_000)
            case 7, 12: store.want(merger: true)
            default: break
            }
            if step % 2 == 1 { store.want(seal: true) }
            for _ in 0..<2 where store.beginJob() {
                commit()
                try attempt { try store.runJob() }
                commit()
                try attempt { try store.finishJob() }
            }
        }
    }
}
