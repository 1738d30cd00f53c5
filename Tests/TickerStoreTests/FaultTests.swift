import MarketData
import Testing

@testable import TickerStore

/// Operations that fail, once or for ever, while life goes on.
@Suite(.serialized) struct FaultTests {
    struct Fault: CustomTestStringConvertible, Sendable {
        var code: Int32
        var forever: Bool
        var testDescription: String { "\(errorText(code)), \(forever ? "for ever" : "once")" }
    }

    static let faults = [FileError.ioError, FileError.noSpace].flatMap { code in [false, true].map { Fault(code: code, forever: $0) } }

    /// Each operation in turn fails. Nothing that is acknowledged before or after that is lost, and without a failed sync no restart is needed.
    @Test(arguments: faults) func failureOfEveryOperationAndLifeGoesOn(fault: Fault) throws {
        let whole = try StoreUnderTest()
        let seed = LongRound.seed + 21
        try Workload.run(whole, seed: seed, steps: 8, goesOn: true)
        let stride = LongRound.looksAtEveryOperation ? 7 : 199
        for point in Swift.stride(from: Int(seed) % stride, to: whole.operations, by: stride) {
            let what = "\(fault.testDescription), at operation \(point), KASPARRO_SEED \(LongRound.seed)"
            let store = try StoreUnderTest()
            store.report = { Issue.record("\(what): \($0)") }
            store.fail(at: point, code: fault.code, forever: fault.forever)
            do {
                try Workload.run(store, seed: seed, steps: 8, goesOn: true)
            } catch let error as StoreError {
                #expect(store.isPoisoned, "\(what): \(error)")
            }
            store.heal()
            if !store.isPoisoned {
                store.commit([TestBatch(rows: [TestRow(symbol: "HEALED", milliseconds: store.now)], number: 1, fetchedAt: store.now)])
                #expect(store.inFlight.isEmpty, "\(what): takes no rows after the failure")
                store.want(seal: true, merger: true)
                do { try store.work() } catch { Issue.record("\(what): the work that failed cannot be done later: \(error)") }
                try store.check()
            }
            do { try store.losePower(.strict, seed: 1) } catch { Issue.record("\(what): \(error)") }
        }
    }

    /// A full disk in the middle of a job: nothing changes, and when there is space the job is done.
    @Test(arguments: ["SealJob", "CompactionJob"]) func aFullDiskInTheMiddleOfAJobHeals(kind: String) throws {
        for point in stride(from: 0, to: 400, by: LongRound.looksAtEveryOperation ? 1 : 6) {
            let store = try StoreUnderTest(keepsForEver: true)
            var maker = BatchMaker(seed: LongRound.seed + 5)
            for _ in 0..<(kind == "SealJob" ? 1 : 3) {
                try store.work()
                for _ in 0..<3 { store.commit([maker.make(rows: 8..<14, now: store.now)]) }
                store.want(seal: true)
            }
            if kind == "CompactionJob" {
                try store.work()
                store.want(merger: true)
            }
            try #require(store.beginJob())
            store.fail(after: point, code: FileError.noSpace, forever: true)
            var hasFailed = false
            do {
                try store.runJob()
                try store.finishJob()
            } catch { hasFailed = true }
            if store.isPoisoned { continue }
            try store.check()
            store.heal()
            if !hasFailed { return }
            store.want(merger: kind == "CompactionJob")
            try store.work()
            #expect(store.published[kind] ?? 0 > 0, "operation \(point)")
            try store.check()
            try store.losePower(.strict, seed: 1)
        }
    }

    @Test func aFailedSyncOfASegmentPoisonsTheStore() throws {
        let store = try StoreUnderTest(keepsForEver: true)
        var maker = BatchMaker(seed: 1)
        store.commit([maker.make(rows: 8..<14, now: store.now)])
        store.want(seal: true)
        try #require(store.beginJob())
        store.failNext("fsync")
        #expect(throws: StoreError.self) { try store.runJob() }
        #expect(store.isPoisoned)
        try store.losePower(.strict, seed: 1)
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
        for result in engine.commit(batches) { #expect(throws: StoreError.self) { _ = try result.get() } }
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
        disk.fault = .failNext("fdatasync", code: FileError.ioError)
        let failure = #expect(throws: StoreError.self) { try engine.commit([TestRow(milliseconds: 2)]) }
        #expect(failure?.kind == .poisoned)
        let later = #expect(throws: StoreError.self) { try engine.commit([TestRow(milliseconds: 3)]) }
        #expect(later?.kind == .poisoned, "a poisoned store must not acknowledge")
        #expect(try engine.snapshot().lines().count == 1, "reads go on, without the batch that failed")
    }
}
