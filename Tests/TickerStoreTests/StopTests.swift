import Testing

@testable import TickerStore

/// A process that is to stop soon: what goes on beside the commits ends, and the commits do not wait for it.
@Suite struct StopTests {
    @Test func aStopThatIsUnderWayStartsNothingAndHoldsNoCommitUp() throws {
        let disk = SimulatedFileSystem()
        var options = StoreOptions.test(logFileBytes: 4_096)
        options.maximumClosedLogs = 1
        let engine = try StoreEngine(path: "data", fileSystem: disk, options: options)
        for part in 0..<4 { try engine.commit(SealTests.rows(part * 35..<part * 35 + 35)) }
        #expect(engine.isOverloaded, "the workload does not fill enough logs")
        engine.cancellation.raise()
        #expect(engine.nextJob(ignoresRetry: true) == nil, "a job that ends at once would be begun again and again")
        #expect(!engine.isOverloaded, "commits would wait for a seal that does not come")
    }

    @Test func aJobThatIsInterruptedLeavesNothingBehindAndIsDoneByTheNextStart() throws {
        let disk = SimulatedFileSystem()
        let engine = try StoreEngine(disk)
        try engine.commit(SealTests.rows(0..<70))
        engine.maintenance.isSealWanted = true
        let job = try #require(engine.nextJob())
        engine.cancellation.raise()
        let failure = #expect(throws: StoreError.self) { try engine.complete { () throws(StoreError) in try job.run() } }
        #expect(failure?.kind == .closed && engine.maintenance.failure == nil, "a stop is no failure of the disk")
        #expect(disk.paths.allSatisfy { !$0.contains("segments/") }, "\(disk.paths)")
        let next = try StoreEngine(disk.copy())
        try next.sealAll()
        #expect(try next.snapshot().lines().count == 70 && next.tables.slots.count == 1)
    }

    @Test func theLastCommitWithRowsIsKnownAfterEachKindOfStart() throws {
        let disk = SimulatedFileSystem()
        var options = StoreOptions.test()
        options.committed = { _ in }
        let engine = try StoreEngine(path: "data", fileSystem: disk, options: options)
        try engine.commit(SealTests.rows(0..<7))
        // The same rows again: a commit without any.
        try engine.commit(SealTests.rows(0..<7))
        let last = try #require(engine.committed.last?.sequence)
        #expect(engine.committed.count == 1 && engine.writer.nextLSN - 1 > last, "nothing follows the last rows, so this shows nothing")
        #expect(engine.statistics().lastRowsLSN == last)
        #expect(try StoreEngine(disk.copy()).statistics().lastRowsLSN == last, "read back from the log")
        try engine.sealAll()
        #expect(try StoreEngine(disk.copy()).statistics().lastRowsLSN == last, "read back from the state")
        try engine.commit(SealTests.rows(7..<14))
        let newer = engine.statistics().lastRowsLSN
        #expect(newer > last)
        #expect(try StoreEngine(disk.copy()).statistics().lastRowsLSN == newer, "read back from state and log")
    }
}
