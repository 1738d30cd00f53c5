import MarketData
import Testing

@testable import TickerStore

/// Power goes at every operation of a workload, in three kinds of bad luck. What was acknowledged is there, what was not is there as a whole or not at all.
@Suite struct CrashTests {
    /// What the outside world knows: rows acknowledged, and the batch in flight.
    struct Oracle {
        var acknowledged: [String: String] = [:]
        var inFlight: [String: String] = [:]
        var closed = false

        /// Key → line.
        static func table(_ rows: [TestRow], over old: [String: String]) -> [String: String] {
            var table = old
            for row in rows { table["\(row.key)@\(row.milliseconds)"] = row.line }
            return table
        }
    }

    /// Inserts, updates, repeats, rotations, a clean stop and a second start.
    ///
    /// - Parameter goesOn: whether a batch that failed is followed by the next one, as a server does.
    static func workload(_ disk: SimulatedFileSystem, _ oracle: inout Oracle, goesOn: Bool = false) throws(StoreError) {
        var random = SplitMix64(seed: 11)
        for life in 0..<2 {
            let engine = try StoreEngine(disk, logFileBytes: 6_000)
            for batch in 0..<5 {
                // Batches of several sizes, so that one may fit where another did not.
                let rows = (0..<[3, 9, 1, 6, 1][batch]).map { _ in
                    TestRow(
                        symbol: "C\(Int.random(in: 0..<4, using: &random))",
                        milliseconds: Int64.random(in: 0..<6, using: &random),
                        price: "\(life).\(batch)"
                    )
                }
                oracle.inFlight = Oracle.table(rows, over: oracle.acknowledged)
                do throws(StoreError) {
                    try engine.commit(rows, number: life * 5 + batch)
                    oracle.acknowledged = oracle.inFlight
                } catch {
                    guard goesOn else { throw error }
                    // Refused without a trace, unless nobody knows what the disk did.
                    if error.kind == .poisoned { throw error }
                    oracle.inFlight = oracle.acknowledged
                }
                if batch == 2 { engine.idle() }
            }
            if life == 0 { try engine.close() }
        }
    }

    static func check(_ disk: SimulatedFileSystem, _ oracle: Oracle, _ what: String) throws {
        let engine: StoreEngine
        do throws(StoreError) {
            engine = try StoreEngine(disk, logFileBytes: 6_000)
        } catch {
            Issue.record("\(what): does not open again: \(error)")
            return
        }
        let lines = try engine.snapshot().lines()
        #expect(Set(lines).count == lines.count, "\(what): a row is there twice")
        #expect(engine.snapshot().counts.rows == lines.count, "\(what): the count is wrong")
        let expected = [Set(oracle.acknowledged.values), Set(oracle.inFlight.values)]
        #expect(expected.contains(Set(lines)), "\(what): \(lines.count) rows are neither what was acknowledged nor that and the last batch")
        // And life goes on.
        try engine.commit([TestRow(symbol: "LATER", milliseconds: 99)])
        #expect(try engine.snapshot().lines().count == lines.count + 1, "\(what): takes no new rows")
    }

    @Test(arguments: SimulatedFileSystem.CrashMode.allCases) func powerLossAtEveryOperation(mode: SimulatedFileSystem.CrashMode) throws {
        let whole = SimulatedFileSystem()
        var all = Oracle()
        try Self.workload(whole, &all)
        for point in 0..<whole.operations {
            let disk = SimulatedFileSystem()
            disk.fault = .powerLoss(at: point)
            var oracle = Oracle()
            do throws(StoreError) { try Self.workload(disk, &oracle) } catch {}
            for seed in 0..<(mode == .strict ? 1 : 4) {
                try Self.check(disk.crashed(mode, seed: UInt64(seed * 1_000 + point)), oracle, "\(mode), operation \(point), seed \(seed)")
            }
        }
    }

    @Test func powerLossDuringRecovery() throws {
        let disk = SimulatedFileSystem()
        var oracle = Oracle()
        disk.fault = .powerLoss(at: 130)
        do throws(StoreError) { try Self.workload(disk, &oracle) } catch {}
        for mode in SimulatedFileSystem.CrashMode.allCases {
            let first = disk.crashed(mode, seed: 5)
            let probe = first.copy()
            _ = try StoreEngine(probe, logFileBytes: 6_000)
            for point in 0...probe.operations {
                let again = first.copy()
                again.fault = .powerLoss(at: point)
                _ = try? StoreEngine(again, logFileBytes: 6_000)
                try Self.check(again.crashed(mode, seed: UInt64(point)), oracle, "\(mode), recovery operation \(point)")
            }
        }
    }

    @Test(arguments: [FileError.ioError, FileError.noSpace], [false, true])
    func failureOfEveryOperationAndLifeGoesOn(code: Int32, forever: Bool) throws {
        let whole = SimulatedFileSystem()
        var all = Oracle()
        try Self.workload(whole, &all)
        for point in 0..<whole.operations {
            let disk = SimulatedFileSystem()
            disk.fault = .fail(at: point, code: code, forever: forever)
            var oracle = Oracle()
            do throws(StoreError) { try Self.workload(disk, &oracle, goesOn: true) } catch {}
            disk.fault = .none
            // What was acknowledged must survive a power loss right after the failure.
            try Self.check(disk.crashed(.strict, seed: 1), oracle, "code \(code) at operation \(point), forever \(forever)")
        }
    }

    @Test func fullDiskHealsWithoutRestart() throws {
        let disk = SimulatedFileSystem()
        let engine = try StoreEngine(disk)
        try engine.commit([TestRow(milliseconds: 1)])
        disk.fault = .fail(at: disk.operations, code: FileError.noSpace, forever: true)
        let failure = #expect(throws: StoreError.self) { try engine.commit([TestRow(milliseconds: 2), TestRow(milliseconds: 1, price: "9")]) }
        #expect(failure?.kind == .noSpace)
        #expect(try engine.snapshot().lines() == [TestRow(milliseconds: 1).line], "a failed batch is visible")
        disk.fault = .none
        let counts = try engine.commit([TestRow(milliseconds: 2), TestRow(milliseconds: 1, price: "9")])
        #expect(counts.inserted == 1 && counts.updated == 1, "the second try must not see anything of the first: \(counts)")
    }

    @Test func afterAFailedBatchNoneOfItsSequenceIsTaken() throws {
        let disk = SimulatedFileSystem()
        let engine = try StoreEngine(disk)
        var batches = (0..<3).map { Batch([TestRow(milliseconds: Int64($0))], number: $0) }
        let sequence = BatchSequence()
        for index in batches.indices { batches[index].sequence = sequence }
        disk.fault = .fail(at: disk.operations, code: FileError.noSpace, forever: false)
        for result in engine.commit(batches) { #expect(throws: StoreError.self) { try result.get() } }
        #expect(throws: StoreError.self, "the disk is well again, and the rows before are still missing") { try engine.commit([batches[2]])[0].get() }
        #expect(try engine.commit([TestRow(milliseconds: 9)]).inserted == 1, "others go on")
        #expect(engine.state(prefix: "batch/").map(\.key) == ["batch/1"])
    }

    @Test func aStateThatFitsNoRecordIsRefused() throws {
        let engine = try StoreEngine(SimulatedFileSystem())
        var batch = Batch([TestRow(milliseconds: 1)])
        batch.state = { _ in [StateChange(key: "large", value: [UInt8](repeating: 1, count: LogFormat.maximumPayload))] }
        let failure = #expect(throws: StoreError.self) { try engine.commit([batch])[0].get() }
        #expect(failure?.kind == .tooLarge)
        #expect(try engine.commit([TestRow(milliseconds: 1)]).inserted == 1, "the refused batch left a trace in the index")
    }

    @Test func aBatchLargerThanAnEmptyLogFileGoesIntoIt() throws {
        let disk = SimulatedFileSystem()
        let engine = try StoreEngine(disk, logFileBytes: 1_000)
        try engine.commit((0..<9).map { TestRow(milliseconds: Int64($0)) })
        try engine.commit((9..<18).map { TestRow(milliseconds: Int64($0)) })
        #expect(disk.paths.count { $0.hasPrefix("data/wal/") } == 2)
        #expect(try StoreEngine(disk.copy(), logFileBytes: 1_000).snapshot().counts.rows == 18)
    }

    @Test func aHalfWrittenRecordDoesNotOutliveRotation() throws {
        let disk = SimulatedFileSystem()
        let engine = try StoreEngine(disk, logFileBytes: 6_000)
        try engine.commit([TestRow(milliseconds: 1)])
        disk.fault = .fail(at: disk.operations, code: FileError.ioError, forever: false)
        engine.idle()
        for time in 2..<12 { try engine.commit([TestRow(milliseconds: Int64(time))]) }
        #expect(disk.paths.count { $0.hasPrefix("data/wal/") } > 1, "the workload did not rotate")
        #expect(try StoreEngine(disk.crashed(.strict, seed: 1), logFileBytes: 6_000).snapshot().counts.rows == 11)
    }

    @Test func failedSyncPoisonsTheStore() throws {
        let disk = SimulatedFileSystem()
        let engine = try StoreEngine(disk)
        try engine.commit([TestRow(milliseconds: 1)])
        // A commit is a pwrite and then an fdatasync.
        disk.fault = .fail(at: disk.operations + 1, code: FileError.ioError, forever: false)
        let failure = #expect(throws: StoreError.self) { try engine.commit([TestRow(milliseconds: 2)]) }
        #expect(failure?.kind == .poisoned)
        let later = #expect(throws: StoreError.self) { try engine.commit([TestRow(milliseconds: 3)]) }
        #expect(later?.kind == .poisoned, "a poisoned store must not acknowledge")
        #expect(try engine.snapshot().lines().count == 1, "reads go on, without the batch that failed")
    }
}
