import MarketData
import Testing

@testable import TickerStore

/// Power goes at every operation of a workload, in several kinds of bad luck. What was acknowledged is there, what was not is there as a whole or
/// not at all, and life goes on.
@Suite(.serialized) struct CrashTests {
    typealias Mode = SimulatedFileSystem.CrashMode

    /// Opens a disk as the next start would, compares it with what it may hold, and goes on.
    ///
    /// - Parameter goesOn: Whether the store has to commit, seal, merge and open once more.
    /// - Returns: What it holds; nil when that is wrong.
    @discardableResult
    static func check(_ disk: SimulatedFileSystem, _ verdict: StoreVerdict, goesOn: Bool, _ what: String) throws -> StoreModel? {
        do {
            let engine = try StoreEngine(path: "data", fileSystem: disk, options: verdict.options)
            guard var model = try verdict.model(of: engine, what) else { return nil }
            if !goesOn { return model }
            var rows = model.sorted.suffix(3)
            for index in rows.indices { rows[index].price = "0.125" }
            let now = verdict.options.now()
            let batch = TestBatch(rows: rows + [TestRow(symbol: "LATER", milliseconds: now)], number: 9, fetchedAt: now)
            _ = try engine.commit([batch.batch])[0].get()
            model.apply(batch)
            try engine.sealAll()
            engine.wantCompaction()
            while try engine.runJob() {}
            let after = StoreVerdict(model, [], verdict.options)
            guard try after.model(of: engine, what + ", going on") != nil else { return nil }
            let last = try StoreEngine(path: "data", fileSystem: disk.crashed(.strict, seed: 1), options: verdict.options)
            return try after.model(of: last, what + ", at the start after that")
        } catch {
            Issue.record("\(what): \(error)")
            return nil
        }
    }

    /// Runs the workload and gives `look` what a power loss would find before each operation that changes something, or before each so many-th.
    static func atOperations(
        _ workload: UInt64,
        every stride: Int,
        _ look: @escaping (SimulatedFileSystem, StoreVerdict, Int, String) throws -> Void
    ) throws {
        let seed = LongRound.seed + workload
        let stride = LongRound.looksAtEveryOperation ? 1 : stride
        let store = try StoreUnderTest()
        var point = 0
        store.willChange = { [unowned store] name in
            point += 1
            if point % stride != Int(seed) % stride { return }
            let what = "operation \(point) (\(name)) of workload \(workload), KASPARRO_SEED \(LongRound.seed)"
            do { try look(store.disk, store.verdict, point, what) } catch { Issue.record("\(what): \(error)") }
        }
        try Workload.run(store, seed: seed)
        store.willChange = nil
        try store.check()
        if LongRound.seed != 1 { return }
        for kind in ["SealJob", "CompactionJob", "RetentionJob"] { #expect(store.published[kind] ?? 0 > 0, "the workload has no \(kind)") }
    }

    @Test(arguments: Mode.allCases) func powerLossAtEveryOperation(mode: Mode) throws {
        try Self.atOperations(11, every: mode == .reorder ? 9 : 13) { disk, verdict, point, what in
            let image = disk.crashed(mode, seed: UInt64(point))
            try Self.check(image, verdict, goesOn: point % 5 == 0, "\(mode), \(what)")
        }
    }

    /// What the dead process had not synced is read, and built on, by the next one; then it must not get lost any more.
    @Test func processDiesAtEveryOperationAndThenPowerGoes() throws {
        try Self.atOperations(12, every: 11) { disk, verdict, point, what in
            let image = disk.killed()
            guard let model = try Self.check(image, verdict, goesOn: point % 5 == 0, "killed, \(what)"), point % 5 != 0 else { return }
            let after = StoreVerdict(model, [], verdict.options)
            try Self.check(image.crashed(.strict, seed: 1), after, goesOn: false, "killed, then without power, \(what)")
        }
    }

    @Test(arguments: Mode.allCases) func powerLossDuringRecovery(mode: Mode) throws {
        try Self.atOperations(13, every: 397) { disk, verdict, point, what in
            let first = disk.crashed(mode, seed: UInt64(point))
            var images: [SimulatedFileSystem] = []
            first.willChange = { [unowned first] _ in images.append(first.crashed(mode, seed: UInt64(images.count))) }
            // The seal that follows a start after a crash belongs to it.
            let engine = try StoreEngine(path: "data", fileSystem: first, options: verdict.options)
            try engine.runJob()
            first.willChange = nil
            for (number, image) in images.enumerated() {
                try Self.check(image, verdict, goesOn: number % 9 == 0, "\(mode), \(what), operation \(number) of the recovery")
            }
        }
    }
}
