import MarketData
import TestSupport
import Testing

@testable import TickerStore

/// A store's life at random, step by step beside a dictionary: commits, sealing, merging, expiry, crashes, faults and readers, in any order.
///
/// `KASPARRO_SEED` gives the same lives again; `KASPARRO_SIMULATOR_SECONDS` lets it run on.
@Suite(.serialized) struct SimulatorTests {
    enum Step: CaseIterable {
        case commit, commitMany, idle, pass, passLong
        case wantSeal, wantMerger, beginJob, runJob, finishJob, work, backup
        case cleanStop, restart, powerLossStrict, powerLossPrefix, powerLossReorder
        case fault, read, turnPage, holdSnapshot, readHeld
    }

    /// How often each step comes.
    static let deck: [Step] = Step.allCases.flatMap { step in
        let times =
            switch step {
            case .commit: 16
            case .commitMany, .beginJob, .runJob, .finishJob, .turnPage: 8
            case .read, .wantSeal, .fault: 4
            case .wantMerger, .work, .pass, .readHeld: 3
            case .idle, .holdSnapshot, .powerLossPrefix, .powerLossReorder: 2
            case .passLong, .backup, .cleanStop, .restart, .powerLossStrict: 1
            }
        return Array(repeating: step, count: times)
    }

    @Test func randomLivesAgreeWithADictionary() throws {
        let start = ContinuousClock.now
        var life: UInt64 = 0
        func goesOn() -> Bool {
            guard let seconds = LongRound.seconds else { return life < 10 }
            return ContinuousClock.now - start < .seconds(seconds)
        }
        while goesOn() {
            let seed = LongRound.seed &+ life
            try live(seed: seed, steps: LongRound.seconds == nil ? 70 : 160)
            life += 1
        }
        if LongRound.seconds != nil { print("simulator: \(life) lives from KASPARRO_SEED=\(LongRound.seed)") }
    }

    private func live(seed: UInt64, steps: Int) throws {
        let store = try StoreUnderTest(keepsForEver: seed % 3 == 0)
        var random = SplitMix64(seed: seed)
        var life = Life(store: store, maker: BatchMaker(seed: ~seed))
        var taken: [String] = []
        var problems: [String] = []
        store.report = { problems.append($0) }
        for _ in 0..<steps {
            let step = Self.deck.randomElement(using: &random)!
            taken.append("\(step)")
            do {
                try life.take(step)
                if problems.isEmpty { try store.check() }
            } catch {
                problems.append("\(error)")
            }
            if problems.isEmpty { continue }
            let steps = taken.joined(separator: " ")
            Issue.record("KASPARRO_SEED=\(seed), first life, step \(taken.count): \(problems.joined(separator: "; ")). Steps: \(steps)")
            return
        }
    }
}

/// One store, and the readers that are at work on it.
private struct Life {
    let store: StoreUnderTest
    var maker: BatchMaker
    /// A reader that turns pages while the store changes.
    private var walk = RowQuery()
    private var held: (snapshot: Snapshot, lines: [String], quarantine: [String])?

    init(store: StoreUnderTest, maker: BatchMaker) {
        self.store = store
        self.maker = maker
    }

    mutating func take(_ step: SimulatorTests.Step) throws {
        switch step {
        case .commit: commit(1)
        case .commitMany: commit(maker.pick(2..<6))
        case .idle: store.idle()
        case .pass: store.pass(milliseconds: Int64(maker.pick(0..<7_200_000)))
        case .passLong: store.pass(milliseconds: Int64(maker.pick(0..<60)) * 86_400_000)
        case .wantSeal: store.want(seal: true)
        case .wantMerger: store.want(merger: true)
        case .beginJob: if !store.hasJob { store.beginJob() }
        case .runJob: try store.runJob()
        case .finishJob: try store.finishJob()
        case .work: try store.work()
        case .backup: try store.backup()
        case .cleanStop:
            try store.close()
            try store.restart()
        case .restart: try store.restart()
        case .powerLossStrict: try store.losePower(.strict, seed: maker.random.next())
        case .powerLossPrefix: try store.losePower(.prefix, seed: maker.random.next())
        case .powerLossReorder: try store.losePower(.reorder, seed: maker.random.next())
        case .fault: try meetFault()
        case .read:
            for _ in 0..<6 { try ReadCheck.run(store, query(), newest: true) }
            try QuarantineCheck.run(store, limit: maker.pick(1..<9))
            for _ in 0..<6 { try RawCheck.run(store, maker.pick(0..<1_000)) }
        case .turnPage: try turnPage()
        case .holdSnapshot: held = (store.snapshot, store.model.sorted.map(\.line), store.model.waiting.values.sorted())
        case .readHeld:
            guard let held else { break }
            if try held.snapshot.lines() != held.lines { store.report("a snapshot has changed") }
            if try QuarantineCheck.walk(held.snapshot).sorted() != held.quarantine { store.report("the quarantine of a snapshot has changed") }
        }
    }

    private mutating func commit(_ count: Int) { store.commit((0..<count).map { _ in maker.make(rows: 0..<24, now: store.now) }) }

    /// Something fails in the next few steps; a poisoned store ends, as the program would.
    private mutating func meetFault() throws {
        let code = [FileError.ioError, FileError.noSpace][maker.pick(0..<2)]
        store.fail(after: maker.pick(0..<60), code: code, forever: maker.pick(0..<2) == 0)
        let steps: [SimulatorTests.Step] = [.commit, .commitMany, .wantSeal, .work, .idle, .commit]
        for _ in 0..<4 where !store.isPoisoned {
            do { try take(steps[maker.pick(0..<steps.count)]) } catch is StoreError {}
        }
        store.heal()
        guard store.isPoisoned else { return }
        if maker.pick(0..<2) == 0 { try store.restart() } else { try store.losePower(.reorder, seed: maker.random.next()) }
    }

    private mutating func query() -> RowQuery {
        var query = RowQuery()
        if maker.pick(0..<2) == 0 { query.symbols = (0..<maker.pick(0..<4)).map { _ in Array("C\(maker.pick(0..<7))".utf8) } }
        if maker.pick(0..<4) == 0 { query.sources = [Array("api".utf8)] }
        if maker.pick(0..<4) == 0 { query.sourceIDs = [Array("id1".utf8), Array("C2".utf8)] }
        let times = store.model.rows.isEmpty ? [store.now] : [maker.pick(0..<store.model.rows.count)].map { store.model.sorted[$0].milliseconds }
        if maker.pick(0..<3) == 0 { query.from = Timestamp(milliseconds: times[0]) }
        if maker.pick(0..<3) == 0 { query.to = Timestamp(milliseconds: times[0] + Int64(maker.pick(0..<100)) * 86_400_000) }
        if maker.pick(0..<2) == 0 { query.order = RowOrder.all[maker.pick(0..<RowOrder.all.count)] }
        query.hasNullsFirst = maker.pick(0..<4) == 0
        query.direction = maker.pick(0..<2) == 0 ? .ascending : .descending
        query.skip = maker.pick(0..<4) == 0 ? maker.pick(0..<20) : 0
        query.limit = maker.pick(1..<60)
        return query
    }

    /// Goes on where the last page ended, wherever that is now.
    private mutating func turnPage() throws {
        let page = try ReadCheck.run(store, walk, newest: false)
        walk.after = page.last
        if !page.hasMore {
            walk = query()
            walk.skip = 0
        }
    }
}
